import type { Json, JsonObject } from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import { type CoercionProfile, coerceObject, isObject } from './coerce.ts';
import { faultOfJson } from './json-fault.ts';

export type ValidatedOutput =
  | { readonly ok: true; readonly output: JsonObject }
  | { readonly ok: false; readonly error: string };

/**
 * Checks a model's output against the declared type. Coerced values and defaults are merged into it; keys the type does
 * not declare are kept. A declared field is required unless it is optional or has a default; an output with none of the
 * declared fields is refused, also when all have defaults.
 * By default numbers must be finite, booleans are not numbers, and the size is limited; `legacy` repeats the reference
 * system.
 */
export function validateOutput(
  outputType: TObject,
  output: Json,
  { profile = 'default', maxSize }: { readonly profile?: CoercionProfile; readonly maxSize?: number | undefined } = {},
): ValidatedOutput {
  if (!isObject(output)) return { ok: false, error: 'expected an object' };
  const { declared, required, open } = declaredBy(outputType);
  const isAnswered = declared.length === 0 || declared.some((key) => Object.hasOwn(output, key));
  const missing = required.filter((key) => !Object.hasOwn(output, key));
  if (!isAnswered) {
    const expected = required.length > 0 ? required.join(', ') : `at least one of ${declared.join(', ')}`;
    return { ok: false, error: `expected ${expected}, received ${keysOf(output)}` };
  }
  if (missing.length > 1) {
    const expected = `expected ${required.join(', ')}, received ${keysOf(output)}`;
    return { ok: false, error: `${expected}: ${missing.join(', ')} are missing` };
  }
  const fault = profile === 'default' ? faultOfJson(output, maxSize) : null;
  if (fault !== null) return { ok: false, error: fault };
  const coerced = coerceObject(open, output, profile);
  if (!coerced.ok) return coerced;
  return { ok: true, output: { ...output, ...coerced.value } };
}

interface Declared {
  readonly declared: readonly string[];
  readonly required: readonly string[];
  /** the same type with further keys allowed */
  readonly open: TObject;
}
const declarations = new WeakMap<TObject, Declared>();

/** Declared types do not change. */
function declaredBy(outputType: TObject): Declared {
  let known = declarations.get(outputType);
  if (known === undefined) {
    const open = { ...outputType, additionalProperties: true };
    known = { declared: Object.keys(outputType.properties), required: requiredOf(outputType), open };
    declarations.set(outputType, known);
  }
  return known;
}

const requiredOf = ({ properties, required = [] }: TObject): readonly string[] =>
  Object.keys(properties).filter((key) => required.includes(key) && properties[key]!.default === undefined);

const keysOf = (output: JsonObject): string => {
  const keys = Object.keys(output);
  return keys.length === 0 ? 'an empty object' : keys.slice(0, 5).join(', ').slice(0, 80);
};
