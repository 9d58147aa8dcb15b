/** The error responses, the same for all operations. */
import { Type } from '@sinclair/typebox';

const Fault = Type.Object(
  { detail: Type.String(), message: Type.String() },
  { title: 'Fault', description: 'an error; both fields hold the same text' },
);

const InvalidRequest = Type.Object(
  {
    detail: Type.Union([
      Type.Array(
        Type.Object(
          {
            type: Type.String(),
            loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
            msg: Type.String(),
            input: Type.Unknown(),
            ctx: Type.Optional(Type.Object({}, { additionalProperties: true })),
          },
          { title: 'RequestFault' },
        ),
      ),
      Type.String(),
    ]),
    message: Type.String(),
  },
  { title: 'InvalidRequest', description: 'what is wrong with the request, all of it at once' },
);

const retryAfter = { 'Retry-After': { schema: { type: 'integer' }, description: 'seconds' } };
const challenge = { 'WWW-Authenticate': { schema: { type: 'string' } } };
const answer = (description: string, schema: object, headers?: object) => ({
  description,
  ...(headers && { headers }),
  content: { 'application/json': { schema } },
});

/** By status. */
export const refusals = {
  400: answer('The request cannot be read, or asks for nothing', Fault),
  401: answer('A key is required, or the one that came is not known', Fault, challenge),
  403: answer('The key may read only; or there are no keys and the request comes from another machine', Fault),
  404: answer('There is no such thing', Fault),
  409: answer('It is not in a state in which this can be done', Fault),
  413: answer('The body is too large', Fault),
  415: answer('The body is not of a type that is read here', Fault),
  422: answer('The request does not fit its description', InvalidRequest),
  429: answer('Too many requests, or too many wrong keys, from this address', Fault, retryAfter),
  500: { description: 'A fault of ours', content: { 'text/plain': { schema: { type: 'string' } } } },
  503: answer('Not at the moment: the read model, the log or a model is away, or the node is busy', Fault, retryAfter),
} as const;

export type RefusalStatus = keyof typeof refusals;
