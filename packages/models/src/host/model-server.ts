import type { Json } from '@crunch-node/streams';
import { type CallContext, createServer, type Server, ServerError, type ServerMiddlewareCall } from 'nice-grpc';
import { Status } from 'nice-grpc-common';
import { healthService, modelService, SERVING } from '../wire/protocol.ts';
import { answered, BadImplementation, byKeyword, byPosition, callMethod, type ModelObject } from './model-object.ts';

/** The gRPC server of one model: what a model runner is in production. */
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
}

/** @throws {Error} when the port is taken */
export async function startModelServer({ create, port, host }: ModelServerOptions): Promise<ModelServer> {
  let instance: ModelObject | null = null;
  const server: Server = createServer().use(oneAtATime());
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
  const bound = await server.listen(`${host}:${port}`);
  return {
    ip: host,
    port: bound,
    forget: () => {
      instance = null;
    },
    stop: () => server.forceShutdown(),
  };
}

/**
 * Whatever comes while a call is in progress is refused, but for health checks: a coordinator that finds a busy model
 * unhealthy connects and sets it up again. A call nobody waits for any more is still in progress.
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
