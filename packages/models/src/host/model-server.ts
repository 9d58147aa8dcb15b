import type { Json } from '@crunch-node/streams';
import { type CallContext, createServer, type Server, ServerError, type ServerMiddlewareCall } from 'nice-grpc';
import { Status } from 'nice-grpc-common';
import { healthService, modelService, SERVING } from '../wire/protocol.ts';
import { answered, BadImplementation, byKeyword, byPosition, callMethod, type ModelObject } from './model-object.ts';
import { authenticate, type ServerSecurity, serverCredentials } from './server-security.ts';

/** The gRPC server of one model, with the role of a model runner in production. */
export interface ModelServer {
  readonly ip: string;
  readonly port: number;
  /** Drops the instance, as a restart of the runner does. The address stays. */
  forget(): void;
  /** Ends it, and the calls in flight with it. */
  stop(): void;
}

/** Makes a participant's object from the arguments of Setup. */
export type CreateModel = (setup: SetupArguments) => ModelObject | Promise<ModelObject>;

export interface SetupArguments {
  readonly positional: readonly Json[];
  readonly keywords: ReadonlyMap<string, Json>;
}

export interface ModelServerOptions {
  readonly create: CreateModel;
  /** 0: any free port */
  readonly port: number;
  readonly host: string;
  /** plaintext unless given */
  readonly security?: ServerSecurity;
  /** calls signed for another model are refused, where calls are signed */
  readonly modelId?: string;
}

/** @throws {Error} when the port is taken */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { create, port, host, security, modelId } = options;
  let instance: ModelObject | null = null;
  const server: Server = createServer().use(authenticated(security, modelId)).use(oneAtATime());
  server.add(modelService, {
    async setup({ className, instanceArguments = [], instanceKwArguments = [] }) {
      if (!className) return answered('INVALID_ARGUMENT', 'expected a class name');
      try {
        instance ??= await create({
          positional: byPosition(instanceArguments),
          keywords: byKeyword(instanceKwArguments),
        }); // state survives a coordinator that comes back
        return answered('SUCCESS');
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return answered(error instanceof BadImplementation ? 'BAD_IMPLEMENTATION' : 'SETUP_FAILED', message);
      }
    },
    async call({ methodName, methodArguments, methodKwArguments }, { signal }) {
      if (instance === null) return answered('FAILED_PRECONDITION', 'expected Setup before Call');
      return callMethod(instance, methodName ?? '', { args: methodArguments, keywords: methodKwArguments }, signal);
    },
    async rest() {
      instance = null;
      return answered('SUCCESS');
    },
  });
  server.add(healthService, { check: async () => ({ status: SERVING }) });
  const bound = await server.listen(
    `${host}:${port}`,
    security === undefined ? undefined : serverCredentials(security),
  );
  return {
    ip: host,
    port: bound,
    forget: () => {
      instance = null;
    },
    stop: () => server.forceShutdown(),
  };
}

/** Health checks carry no signature, and need none. */
function authenticated(security: ServerSecurity | undefined, modelId: string | undefined) {
  return async function* checkCaller<Request, Response>(
    call: ServerMiddlewareCall<Request, Response>,
    context: CallContext,
  ) {
    if (security !== undefined && call.method.path !== healthService.check.path)
      authenticate(security, context, modelId);
    return yield* call.next(call.request, context);
  };
}

/**
 * Calls are refused while another one is in progress, except for health checks: a coordinator that finds a busy model
 * unhealthy connects and sets it up again. A call whose caller has stopped waiting is still in progress.
 */
function oneAtATime() {
  let busy = false;
  return async function* refuseWhenBusy<Request, Response>(
    call: ServerMiddlewareCall<Request, Response>,
    context: CallContext,
  ) {
    if (call.method.path === healthService.check.path) return yield* call.next(call.request, context);
    if (busy) throw new ServerError(Status.RESOURCE_EXHAUSTED, 'the model works on another call');
    busy = true;
    try {
      return yield* call.next(call.request, context);
    } finally {
      busy = false;
    }
  };
}
