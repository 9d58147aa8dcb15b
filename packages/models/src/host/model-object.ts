import type { Json } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import {
  VARIANT,
  type WireArgument,
  type WireKeywordArgument,
  type WireStatus,
  type WireVariant,
} from '../wire/protocol.ts';
import { pythonJson } from '../wire/tolerant-json.ts';
import { decodeVariant, float64, int64 } from '../wire/variant.ts';
import { camelCase, placed } from './parameters.ts';

/**
 * A participant's object: methods by their name on the wire (`feed_update`) or in camel case (`feedUpdate`), returning
 * a value or a promise. One call at a time. It may have a method `beginCall(cancelled: AbortSignal)`, which is called
 * before each call; the signal is aborted when the caller has stopped waiting.
 */
export type ModelObject = object;

/** Thrown by `create` of a local model: there is no usable class in it. */
export class BadImplementation extends CrunchError {
  override readonly name = 'BadImplementation';
  override readonly code = 'bad_implementation';
}

export interface MethodAnswer {
  readonly status: WireStatus;
  readonly methodResponse?: WireVariant;
}

export const answered = (code: string, message = ''): MethodAnswer => ({
  status: message === '' ? { code } : { code, message },
});

/** Arguments as they arrive. */
export interface WireArguments {
  readonly args?: readonly WireArgument[] | undefined;
  readonly keywords?: readonly WireKeywordArgument[] | undefined;
}

/** @throws {UndecodableVariant} */
export const byPosition = (args: readonly WireArgument[]): Json[] =>
  [...args].sort((a, b) => (a.position ?? 0) - (b.position ?? 0)).map(({ data }) => decodeVariant(data) ?? null);

/** @throws {UndecodableVariant} */
export const byKeyword = (keywords: readonly WireKeywordArgument[]): Map<string, Json> =>
  new Map(keywords.map(({ keyword = '', data }) => [keyword, decodeVariant(data) ?? null]));

/** Calls a method as a model runner does: a fault of the participant's code is a code in the result. */
export async function callMethod(
  model: ModelObject,
  name: string,
  { args = [], keywords = [] }: WireArguments,
  cancelled: AbortSignal,
): Promise<MethodAnswer> {
  try {
    return await callWith(model, name, byPosition(args), cancelled, byKeyword(keywords));
  } catch (error) {
    return failed(error);
  }
}

export const NO_KEYWORDS: ReadonlyMap<string, unknown> = new Map();

/**
 * The same with arguments that are decoded; a promise only where the model's method gives one.
 * @param answerOf makes the answer of a result; what it throws is the model's failure
 */
export function callWith<A extends MethodAnswer = MethodAnswer>(
  model: ModelObject,
  name: string,
  given: readonly unknown[],
  cancelled: AbortSignal,
  keywords: ReadonlyMap<string, unknown> = NO_KEYWORDS,
  answerOf: (result: unknown) => A | MethodAnswer = succeeded,
): A | MethodAnswer | Promise<A | MethodAnswer> {
  if (name === '') return answered('INVALID_ARGUMENT', 'expected a method name');
  const method = methodOf(model, name);
  if (method === null) return answered('BAD_IMPLEMENTATION', `the model has no method ${name}`);
  try {
    const values = keywords.size === 0 ? given : placed(method, given, keywords);
    if (values.length < method.length) {
      return answered('MODEL_FAILED', `${name} takes ${method.length} arguments, received ${values.length}`);
    }
    if (hasBeginCall(model)) model.beginCall(cancelled);
    const result = method.apply(model, values as unknown[]);
    return isThenable(result) ? Promise.resolve(result).then(answerOf).catch(failed) : answerOf(result);
  } catch (error) {
    return failed(error);
  }
}

/** An encoded result. @throws {TypeError} for what cannot be sent */
export function succeeded(result: unknown): MethodAnswer {
  const methodResponse = encodeResult(result);
  return methodResponse === undefined ? answered('SUCCESS') : { status: { code: 'SUCCESS' }, methodResponse };
}

const failed = (error: unknown): MethodAnswer =>
  answered('MODEL_FAILED', error instanceof Error ? error.message : String(error));

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const hasBeginCall = (model: ModelObject): model is { beginCall(cancelled: AbortSignal): void } =>
  'beginCall' in model && typeof model.beginCall === 'function';

type Method = (...args: unknown[]) => unknown;
const NOT_OFFERED: ReadonlySet<string> = new Set(['beginCall', ...Object.getOwnPropertyNames(Object.prototype)]);

function methodOf(model: ModelObject, name: string): Method | null {
  for (const candidate of [name, camelCase(name)]) {
    if (NOT_OFFERED.has(candidate)) continue;
    const method: unknown = Reflect.get(model, candidate);
    if (typeof method === 'function') return method as Method;
  }
  return null;
}

/** The variant a model runner chooses for a value, in the formatting of a Python peer. */
function encodeResult(value: unknown): WireVariant | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'number':
      return { type: VARIANT.DOUBLE, value: float64(value) };
    case 'bigint':
      return { type: VARIANT.INT, value: int64(value) };
    case 'boolean':
      return { type: VARIANT.INT, value: int64(value ? 1 : 0) };
    case 'string':
      return { type: VARIANT.STRING, value: Buffer.from(value, 'utf8') };
    case 'object':
      return value === null ? undefined : { type: VARIANT.JSON, value: Buffer.from(pythonJson(value), 'utf8') };
    default:
      throw new TypeError(`expected a result that can be sent, received a ${typeof value}`);
  }
}
