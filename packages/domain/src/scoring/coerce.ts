/**
 * Converts outputs of models and scoring functions to a declared type, leniently: texts that are numbers become numbers.
 * The `legacy` profile repeats the reference system, where booleans are numbers and NaN passes.
 */
import type { Json, JsonObject } from '@crunch-node/streams';
import type { TObject, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { putOwn } from '../lent.ts';

export type CoercionProfile = 'default' | 'legacy';

export type Coerced<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

const ok = <T>(value: T): Coerced<T> => ({ ok: true, value });
const fault = (expected: string, received: unknown): Coerced<never> => ({
  ok: false,
  error: `expected ${expected}, received ${shown(received)}`,
});
const shown = (value: unknown): string =>
  (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value)).slice(0, 80);

const DIGITS = '\\d+(?:_\\d+)*';
const FLOAT = new RegExp(`^[+-]?(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`);
const INTEGER = new RegExp(`^[+-]?${DIGITS}(?:\\.0*)?$`);
const NOT_FINITE = /^([+-]?)(nan|inf|infinity)$/i;
const TRUE = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const FALSE = new Set(['false', 'f', 'no', 'n', 'off', '0']);

/** A number out of a text such as `" 1_000.5 "`; null when it is none. `nan` and `inf` count, overflow gives Infinity. */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim();
  if (FLOAT.test(trimmed)) return Number(trimmed.replaceAll('_', ''));
  const special = NOT_FINITE.exec(trimmed);
  if (special === null) return null;
  if (special[2]!.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function toNumber(value: unknown, profile: CoercionProfile): Coerced<number> {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'boolean' && profile === 'legacy'
        ? Number(value)
        : typeof value === 'string'
          ? parseNumber(value)
          : null;
  if (number === null) return fault('a number', value);
  return profile === 'default' && !Number.isFinite(number) ? fault('a finite number', value) : ok(number);
}

function toInteger(value: unknown, profile: CoercionProfile): Coerced<number> {
  if (typeof value === 'string' && !INTEGER.test(value.trim())) return fault('an integer', value);
  const number = toNumber(value, profile);
  if (!number.ok || Number.isInteger(number.value)) return number;
  return fault('an integer', value);
}

function toBoolean(value: unknown): Coerced<boolean> {
  if (typeof value === 'boolean') return ok(value);
  if (value === 0 || value === 1) return ok(value === 1);
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (TRUE.has(word)) return ok(true);
  return FALSE.has(word) ? ok(false) : fault('a boolean', value);
}

function withinBounds(schema: TSchema, value: number): Coerced<number> {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && !(value >= minimum)) return fault(`at least ${minimum}`, value);
  if (maximum !== undefined && !(value <= maximum)) return fault(`at most ${maximum}`, value);
  if (exclusiveMinimum !== undefined && !(value > exclusiveMinimum))
    return fault(`more than ${exclusiveMinimum}`, value);
  if (exclusiveMaximum !== undefined && !(value < exclusiveMaximum))
    return fault(`less than ${exclusiveMaximum}`, value);
  return ok(value);
}

/** One value into one declared type. */
export function coerceValue(schema: TSchema, value: unknown, profile: CoercionProfile): Coerced<Json> {
  if (schema.const !== undefined) return value === schema.const ? ok(value as Json) : fault(shown(schema.const), value);
  if (Array.isArray(schema.anyOf)) return coerceUnion(schema.anyOf as readonly TSchema[], value, profile);
  switch (schema.type) {
    case 'number': {
      const number = toNumber(value, profile);
      return number.ok ? withinBounds(schema, number.value) : number;
    }
    case 'integer': {
      const integer = toInteger(value, profile);
      return integer.ok ? withinBounds(schema, integer.value) : integer;
    }
    case 'boolean':
      return toBoolean(value);
    case 'object':
      return schema.properties === undefined ? checked(schema, value) : coerceObject(schema as TObject, value, profile);
    default:
      return checked(schema, value);
  }
}

/** The first alternative that takes the value as it is, else the first that takes it coerced. */
function coerceUnion(alternatives: readonly TSchema[], value: unknown, profile: CoercionProfile): Coerced<Json> {
  if (alternatives.some((alternative) => Value.Check(alternative, value))) return ok(value as Json);
  for (const alternative of alternatives) {
    const coerced = coerceValue(alternative, value, profile);
    if (coerced.ok) return coerced;
  }
  return fault(
    `one of ${alternatives.map((alternative) => shown(alternative.const ?? alternative.type)).join(', ')}`,
    value,
  );
}

function checked(schema: TSchema, value: unknown): Coerced<Json> {
  if (Value.Check(schema, value)) return ok(value as Json);
  const inner = Value.Errors(schema, value).First();
  if (inner === undefined || inner.path === '') return fault(String(schema.type ?? 'another value'), value);
  const bound = typeof inner.value === 'number' ? withinBounds(inner.schema, inner.value) : null;
  const reason = bound !== null && !bound.ok ? bound.error : `${inner.message}, received ${shown(inner.value)}`;
  return { ok: false, error: `${inner.path.slice(1).replaceAll('/', '.')}: ${reason}` };
}

/**
 * An object into a declared type: declared fields coerced, defaults filled in, undeclared keys kept unless the type
 * has `additionalProperties: false`.
 */
export function coerceObject(schema: TObject, value: unknown, profile: CoercionProfile): Coerced<JsonObject> {
  if (!isObject(value)) return fault('an object', value);
  const fields: Record<string, Json> = {};
  for (const [key, field] of fieldsOf(schema)) {
    if (Object.hasOwn(value, key)) {
      const coerced = coerceValue(field, value[key], profile);
      if (!coerced.ok) return { ok: false, error: `${key}: ${coerced.error}` };
      putOwn(fields, key, coerced.value);
    } else if (field.default !== undefined) putOwn(fields, key, field.default as Json);
    else if (schema.required?.includes(key)) return { ok: false, error: `${key}: expected a value, received none` };
  }
  if (schema.additionalProperties !== false) {
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(schema.properties, key)) putOwn(fields, key, value[key] as Json);
    }
  }
  return ok(fields);
}

type Field = readonly [key: string, field: TSchema];
const fieldsBySchema = new WeakMap<TObject['properties'], readonly Field[]>();

/** Declared types do not change: their fields are listed once. */
function fieldsOf({ properties }: TObject): readonly Field[] {
  let fields = fieldsBySchema.get(properties);
  if (fields === undefined) {
    fields = Object.entries(properties);
    fieldsBySchema.set(properties, fields);
  }
  return fields;
}

/** The same without refusing: values that cannot be coerced stay. Used where refusing would come too late. */
export function coerceOrKeep(schema: TObject, value: JsonObject, profile: CoercionProfile): JsonObject {
  const coerced = coerceObject(schema, value, profile);
  if (coerced.ok) return coerced.value;
  const defaults = Object.entries(schema.properties)
    .filter(([key, field]) => field.default !== undefined && !Object.hasOwn(value, key))
    .map(([key, field]): [string, Json] => [key, field.default as Json]);
  const kept = Object.entries(value).filter(
    ([key]) => schema.additionalProperties !== false || Object.hasOwn(schema.properties, key),
  );
  return Object.fromEntries([...defaults, ...kept]);
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
