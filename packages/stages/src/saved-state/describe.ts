import { CrunchError } from '@crunch-node/streams/errors';

/**
 * A state as lines of text and sequences of bytes, from which it is restored exactly, including `-0`, NaN, undefined,
 * maps, sets, typed arrays, and shared references. A line describes one object and refers to the objects it holds by
 * line number, so nothing is nested and a large state can be described step by step.
 */

/** A state holds something that cannot be restored from text: a function, an instance of a class. */
export class NotSavable extends CrunchError {
  override readonly name = 'NotSavable';
  override readonly code = 'not_savable';
  readonly received: string;
  constructor(received: string) {
    super(`expected data that can be written down, received ${received}`);
    this.received = received;
  }
}

export const kinds = {
  shape: 0,
  object: 1,
  bare: 2,
  array: 3,
  map: 4,
  set: 5,
  typed: 6,
  table: 7,
  numbers: 8,
} as const;

export const typedArrays = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** From this length on, arrays or rows of numbers are written as bytes. Rows cannot be shared objects. */
const MANY = 4;
const MAX_COLUMNS = 32;

/** Lines and bytes in order; bytes belong to the line before them. The state must not change until all is taken. */
export function* describe(state: unknown): Generator<string | Uint8Array> {
  const places = new Map<object, number>();
  const queue: object[] = [];
  const shapes = new Map<string, number>();

  function placeOf(value: object): number {
    let place = places.get(value);
    if (place === undefined) {
      place = queue.push(value) - 1;
      places.set(value, place);
    }
    return place;
  }

  function token(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'number':
        if (value - value !== 0) return `["${value}"]`;
        return value === 0 && 1 / value < 0 ? '["-0"]' : String(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'undefined':
        return '["undefined"]';
      case 'bigint':
        return `["bigint","${value}"]`;
      case 'object':
        return value === null ? 'null' : `[${placeOf(value)}]`;
      default:
        throw new NotSavable(`a ${typeof value}`);
    }
  }

  placeOf([state]);
  for (let next = 0; next < queue.length; next++) {
    const value = queue[next]!;
    if (Array.isArray(value)) {
      const columns = columnsOf(value);
      if (columns !== null) {
        yield `[${kinds.table},${value.length},${JSON.stringify(columns)}]`;
        yield bytesOf(tableOf(value, columns));
      } else if (value.length >= MANY && value.every((item) => typeof item === 'number')) {
        yield `[${kinds.numbers},${value.length}]`;
        yield bytesOf(Float64Array.from(value));
      } else {
        const tokens: string[] = [];
        for (let i = 0; i < value.length; i++) {
          if (!(i in value)) throw new NotSavable('an array with holes');
          tokens.push(token(value[i]));
        }
        yield listOf(kinds.array, tokens);
      }
    } else if (value instanceof Map) {
      const tokens: string[] = [];
      for (const [key, held] of value) tokens.push(token(key), token(held));
      yield listOf(kinds.map, tokens);
    } else if (value instanceof Set) {
      yield listOf(kinds.set, [...value].map(token));
    } else if (ArrayBuffer.isView(value)) {
      const type = typedArrays.findIndex((one) => value instanceof one);
      if (type < 0) throw new NotSavable(`a ${value.constructor.name}`);
      yield `[${kinds.typed},${type},${(value as Uint8Array).length}]`;
      yield bytesOf(value as Uint8Array);
    } else {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) throw new NotSavable(`a ${value.constructor.name}`);
      const keys = Object.keys(value);
      const text = JSON.stringify(keys);
      let shape = shapes.get(text);
      if (shape === undefined) {
        shape = shapes.size;
        shapes.set(text, shape);
        yield `[${kinds.shape},${text}]`;
      }
      const tokens = keys.map((key) => token((value as Readonly<Record<string, unknown>>)[key]));
      yield listOf(prototype === null ? kinds.bare : kinds.object, [String(shape), ...tokens]);
    }
  }
}

const listOf = (kind: number, tokens: readonly string[]): string =>
  tokens.length === 0 ? `[${kind}]` : `[${kind},${tokens.join()}]`;

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Keys that all rows have in the same order, when they hold nothing but numbers; else null. */
function columnsOf(rows: readonly unknown[]): readonly string[] | null {
  const [first] = rows;
  if (rows.length < MANY || !isPlain(first)) return null;
  const columns = Object.keys(first);
  if (columns.length === 0 || columns.length > MAX_COLUMNS) return null;
  const fits = (row: unknown): boolean => {
    if (!isPlain(row)) return false;
    let at = 0;
    for (const key in row) {
      if (key !== columns[at] || typeof row[key] !== 'number') return false;
      at += 1;
    }
    return at === columns.length;
  };
  return rows.every(fits) ? columns : null;
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function tableOf(rows: readonly unknown[], columns: readonly string[]): Float64Array {
  const numbers = new Float64Array(rows.length * columns.length);
  let at = 0;
  for (const row of rows as readonly Readonly<Record<string, number>>[]) {
    for (const column of columns) numbers[at++] = row[column]!;
  }
  return numbers;
}
