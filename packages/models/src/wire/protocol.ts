/**
 * The model runner protocol, read from the `.proto` files when this module loads. There is no generated code: the
 * files in `proto/` are the definition, and assumptions about them are asserted here.
 */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const PROTO_FOLDER = new URL('../../../../proto/', import.meta.url);

const root = new protobuf.Root();
// Google's own files come with protobufjs; ours lie side by side in one folder
root.resolvePath = (_origin, target) =>
  target.startsWith('google/') ? target : fileURLToPath(new URL(target, PROTO_FOLDER));
root.loadSync(['dynamic_subclass.proto', 'health.proto'], { keepCase: true });
root.resolveAll();

export interface WireStatus {
  readonly code?: string;
  readonly message?: string;
}
export interface WireVariant {
  readonly type?: number;
  readonly value?: Uint8Array;
}
export interface WireArgument {
  readonly position?: number;
  readonly data?: WireVariant;
}
export interface WireKeywordArgument {
  readonly keyword?: string;
  readonly data?: WireVariant;
}
export interface SetupRequest {
  readonly className?: string;
  readonly instanceArguments?: readonly WireArgument[];
  readonly instanceKwArguments?: readonly WireKeywordArgument[];
}
export interface SetupResponse {
  readonly status?: WireStatus;
}
export interface CallRequest {
  readonly methodName?: string;
  readonly methodArguments?: readonly WireArgument[];
  readonly methodKwArguments?: readonly WireKeywordArgument[];
}
export interface CallResponse {
  readonly status?: WireStatus;
  readonly methodResponse?: WireVariant;
}
export interface HealthCheckRequest {
  readonly service?: string;
}
export interface HealthCheckResponse {
  /** 1 is SERVING */
  readonly status?: number;
}
type Empty = Readonly<Record<string, never>>;

/** Bytes to message and back. Decoding throws for invalid protobuf. */
export interface Codec<Message> {
  encode(message: Message): Buffer;
  decode(bytes: Uint8Array): Message;
}

/** One unary method, in the shape nice-grpc takes for servers and clients. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  requestSerialize(message: Request): Buffer;
  requestDeserialize(bytes: Uint8Array): Request;
  responseSerialize(message: Response): Buffer;
  responseDeserialize(bytes: Uint8Array): Response;
  readonly options: Record<string, never>;
}

function codecOf<Message>(type: protobuf.Type): Codec<Message> {
  return {
    encode: (message) => {
      const bytes = type.encode(message as { [field: string]: unknown }).finish();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    // a protobufjs message has exactly the fields that were on the wire as own properties
    decode: (bytes) => type.decode(bytes) as unknown as Message,
  };
}

function unary<Request, Response>(serviceName: string, methodName: string): UnaryMethod<Request, Response> {
  const method = root.lookupService(serviceName).methods[methodName];
  if (method === undefined) throw new TypeError(`expected ${serviceName} to have a method ${methodName} in proto/`);
  if (method.requestStream || method.responseStream) {
    throw new TypeError(`expected ${serviceName}.${methodName} to be unary, received a streaming method in proto/`);
  }
  if (method.resolvedRequestType === null || method.resolvedResponseType === null) {
    throw new TypeError(`expected the types of ${serviceName}.${methodName} to be declared in proto/`);
  }
  const request = codecOf<Request>(method.resolvedRequestType);
  const response = codecOf<Response>(method.resolvedResponseType);
  return {
    path: `/${serviceName}/${methodName}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
    options: {},
  };
}

const MODEL_SERVICE = 'dynamic_subclass.DynamicSubclassService';

/** `dynamic_subclass.DynamicSubclassService` as a nice-grpc service definition. */
export const modelService = {
  setup: unary<SetupRequest, SetupResponse>(MODEL_SERVICE, 'Setup'),
  call: unary<CallRequest, CallResponse>(MODEL_SERVICE, 'Call'),
  rest: unary<Empty, SetupResponse>(MODEL_SERVICE, 'Rest'),
};

/** The standard health check, as far as model runners serve it. */
export const healthService = {
  check: unary<HealthCheckRequest, HealthCheckResponse>('grpc.health.v1.Health', 'Check'),
};

/** Value of `HealthCheckResponse.status` of a healthy server. */
export const SERVING = 1;

/** Numbers of `commons.VariantType`, read from the file. */
export const VARIANT = root.lookupEnum('commons.VariantType').values as Readonly<
  Record<'NONE' | 'DOUBLE' | 'INT' | 'STRING' | 'PARQUET' | 'ARROW' | 'JSON', number>
>;
