import type { Json, JsonObject } from '@crunch-node/streams';
import type { Argument, EncodedCall, TypedValue } from '../pool.ts';
import { type CallRequest, modelService, type WireArgument, type WireKeywordArgument } from './protocol.ts';
import { encodeVariant } from './variant.ts';

/** Serialises a call once, to be sent to any number of models. Arguments without a keyword are passed in order. */
export const encodeCall = (method: string, args: readonly Argument[]): EncodedCall => ({
  method,
  bytes: modelService.call.requestSerialize({
    methodName: method,
    methodArguments: args
      .filter(({ keyword }) => keyword === undefined)
      .map((argument, index): WireArgument => ({ position: index + 1, data: encodeVariant(argument) })),
    methodKwArguments: args.flatMap((argument): WireKeywordArgument[] =>
      argument.keyword === undefined ? [] : [{ keyword: argument.keyword, data: encodeVariant(argument) }],
    ),
  }),
});

/** `Setup` of the first class derived from the named one, with keyword arguments of its constructor. */
export const encodeSetup = (className: string, args: JsonObject = {}): Buffer =>
  modelService.setup.requestSerialize({
    className,
    instanceKwArguments: Object.entries(args).map(([keyword, value]) => ({
      keyword,
      data: encodeVariant(typed(value)),
    })),
  });

/** The type a Python caller would choose for a value. Integers beyond what a number holds exactly are none. */
function typed(value: Json): TypedValue {
  if (typeof value === 'string') return { type: 'STRING', value };
  if (typeof value !== 'number') return { type: 'JSON', value };
  return Number.isSafeInteger(value) ? { type: 'INT', value } : { type: 'DOUBLE', value };
}

const renamed = new WeakMap<EncodedCall, Map<string, EncodedCall>>();

/** The same call of another method. Kept with the call, so that many models share one encoding. */
export function renameCall(call: EncodedCall, method: string): EncodedCall {
  const known = renamed.get(call) ?? new Map<string, EncodedCall>();
  renamed.set(call, known);
  let other = known.get(method);
  if (other === undefined) {
    const request: CallRequest = modelService.call.requestDeserialize(call.bytes);
    other = { method, bytes: modelService.call.requestSerialize({ ...request, methodName: method }) };
    known.set(method, other);
  }
  return other;
}
