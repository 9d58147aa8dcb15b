import type { Json } from '@crunch-node/streams';
import type { Argument } from '../pool.ts';
import { encodeVariant } from './variant.ts';

/**
 * Makes fresh copies of an argument as it comes out of its encoding, without encoding it for each of them.
 * @throws as `encodeVariant` does
 */
export function copierOf(argument: Argument): () => unknown {
  switch (argument.type) {
    case 'STRING': {
      const text = argument.value.toWellFormed();
      return () => text;
    }
    case 'INT': {
      encodeVariant(argument);
      const number = Number(argument.value);
      return () => number;
    }
    case 'DOUBLE':
      return () => argument.value;
    case 'JSON':
      return copier(parsedForm(argument.value));
  }
}

/** @param value parsed JSON, which changes no more */
function copier(value: unknown): () => unknown {
  if (typeof value !== 'object' || value === null) return () => value;
  if (Array.isArray(value)) return listCopier(value);
  if (isFlat(value)) return () => ({ ...value });
  const fields = Object.entries(value).filter(([, inner]) => typeof inner === 'object' && inner !== null);
  const copiers = fields.map(([key, inner]) => [key, copier(inner)] as const);
  return () => {
    const copy: Record<string, unknown> = { ...value };
    for (const [key, fresh] of copiers) setOwn(copy, key, fresh());
    return copy;
  };
}

function listCopier(list: readonly unknown[]): () => unknown {
  if (list.every((item) => typeof item !== 'object' || item === null)) return () => list.slice();
  if (list.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item) && isFlat(item))) {
    return () => list.map((item) => ({ ...(item as object) }));
  }
  const copiers = list.map(copier);
  return () => copiers.map((fresh) => fresh());
}

function isFlat(value: object): boolean {
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === 'object' && inner !== null) return false;
  }
  return true;
}

/** A plain assignment would take `__proto__` for something else. */
function setOwn(copy: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') copy[key] = value;
  else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The value after JSON: read off where it is plain data, else written and parsed. */
function parsedForm(value: unknown): unknown {
  const plain = plainForm(value, 0);
  return plain === EXOTIC ? JSON.parse(JSON.stringify(value)) : plain;
}

/** Of objects that change no more: the same ones are in many arguments. */
const plain = new WeakMap<object, object>();
const EXOTIC = Symbol('exotic');
/** Deeper data, such as an object that holds itself, is left to the encoder. */
const MOST_DEPTH = 64;

function plainForm(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'string') return value.isWellFormed() ? value : EXOTIC;
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth > MOST_DEPTH) return EXOTIC;
  const known = plain.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      const item = plainForm(value[i], depth + 1);
      if (item === EXOTIC) return EXOTIC;
      list[i] = item;
    }
    return list;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return EXOTIC;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = plainForm((value as Record<string, unknown>)[key], depth + 1);
    if (item === EXOTIC || key === '__proto__') return EXOTIC;
    copy[key] = item;
  }
  if (!Object.isFrozen(value) || !isFlat(value)) return copy;
  plain.set(value, copy);
  return copy;
}

/**
 * A list or object as it comes out of a model runner's JSON, without writing it; undefined for what has no JSON form or
 * is deep: that has to be written.
 */
export function resultForm(value: object): Json | undefined {
  const form = resultPart(value, 0);
  return form === EXOTIC ? undefined : (form as Json);
}

function resultPart(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return value + 0;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth > MOST_DEPTH) return EXOTIC;
  if (Array.isArray(value)) {
    const list = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      const item = resultPart(value[i], depth + 1);
      if (item === EXOTIC) return EXOTIC;
      list[i] = item;
    }
    return list;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner === undefined) continue;
    const item = resultPart(inner, depth + 1);
    if (item === EXOTIC || key === '__proto__') return EXOTIC;
    copy[key] = item;
  }
  return copy;
}
