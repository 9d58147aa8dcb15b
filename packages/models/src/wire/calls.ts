import type { Argument, EncodedCall } from '../pool.ts';
import { type CallRequest, modelService, type WireArgument } from './protocol.ts';
import { encodeVariant } from './variant.ts';

/** Serialises a call once, to be sent to any number of models. Arguments are positional, in the order given. */
export const encodeCall = (method: string, args: readonly Argument[]): EncodedCall => ({
  method,
  bytes: modelService.call.requestSerialize({
    methodName: method,
    methodArguments: args.map(
      (argument, index): WireArgument => ({ position: index + 1, data: encodeVariant(argument) }),
    ),
  }),
});

/** `Setup` of the first class derived from the named one, without arguments. */
export const encodeSetup = (className: string): Buffer => modelService.setup.requestSerialize({ className });

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
