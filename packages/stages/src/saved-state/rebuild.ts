import { CrunchError } from '@crunch-node/streams/errors';
import { kinds, typedArrays } from './describe.ts';

/** The data is not a valid state. */
export class StateDamaged extends CrunchError {
  override readonly name = 'StateDamaged';
  override readonly code = 'state_damaged';
  constructor(reason: string) {
    super(`expected a saved state, ${reason}`);
  }
}

type Line = readonly unknown[];

/**
 * Restores a state from its description.
 * @param lines as written by `describe`
 * @param bytes all sequences of bytes, concatenated
 * @throws {StateDamaged}
 */
export function rebuild(lines: Iterable<Line>, bytes: Uint8Array): unknown {
  const shapes: (readonly string[])[] = [];
  const described: Line[] = [];
  const made: object[] = [];
  let taken = 0;

  function take(length: number): Uint8Array {
    if (taken + length > bytes.length) throw new StateDamaged('bytes are missing');
    taken += length;
    return bytes.subarray(taken - length, taken);
  }

  /** Objects without references are complete; the others start empty, since they may refer to each other. */
  function begin(line: Line): object {
    switch (line[0]) {
      case kinds.object:
      case kinds.bare:
        return line[0] === kinds.bare ? Object.create(null) : {};
      case kinds.array:
        return [];
      case kinds.map:
        return new Map();
      case kinds.set:
        return new Set();
      case kinds.typed: {
        const type = typedArrays[line[1] as number];
        if (type === undefined) throw new StateDamaged('an array is of no known type');
        const array = new type(line[2] as number);
        new Uint8Array(array.buffer).set(take(array.byteLength));
        return array;
      }
      case kinds.numbers:
        return Array.from(doubles(take(8 * (line[1] as number))));
      case kinds.table:
        return rowsOf(line[2] as readonly string[], doubles(take(8 * (line[1] as number) * (line[2] as []).length)));
      default:
        throw new StateDamaged(`a line is of no known kind: ${line[0]}`);
    }
  }

  function read(token: unknown): unknown {
    if (!Array.isArray(token)) return token;
    const [named, more] = token as [unknown, unknown];
    if (typeof named === 'number') {
      if (made[named] === undefined) throw new StateDamaged('an object is missing');
      return made[named];
    }
    switch (named) {
      case 'undefined':
        return undefined;
      case 'bigint':
        return BigInt(more as string);
      default:
        return Number(named);
    }
  }

  for (const line of lines) {
    if (line[0] === kinds.shape) {
      shapes.push(line[1] as readonly string[]);
      continue;
    }
    described.push(line);
    made.push(begin(line));
  }
  for (const [i, line] of described.entries()) {
    const object = made[i]!;
    if (line[0] === kinds.array) for (let at = 1; at < line.length; at++) (object as unknown[]).push(read(line[at]));
    else if (line[0] === kinds.map) {
      for (let at = 1; at < line.length; at += 2) {
        (object as Map<unknown, unknown>).set(read(line[at]), read(line[at + 1]));
      }
    } else if (line[0] === kinds.set) {
      for (let at = 1; at < line.length; at++) (object as Set<unknown>).add(read(line[at]));
    } else if (line[0] === kinds.object || line[0] === kinds.bare) {
      const keys = shapes[line[1] as number];
      if (keys === undefined) throw new StateDamaged('keys of an object are missing');
      for (const [at, key] of keys.entries()) put(object as Record<string, unknown>, key, read(line[at + 2]));
    }
  }
  const [root] = made;
  if (!Array.isArray(root) || root.length !== 1 || taken !== bytes.length) throw new StateDamaged('it is not whole');
  return root[0];
}

/** Safe for every key: a plain assignment to `__proto__` would change the prototype. */
function put(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function doubles(bytes: Uint8Array): Float64Array {
  const numbers = new Float64Array(bytes.length / 8);
  new Uint8Array(numbers.buffer).set(bytes);
  return numbers;
}

function rowsOf(columns: readonly string[], numbers: Float64Array): Record<string, number>[] {
  const rows: Record<string, number>[] = [];
  const isPlain = !columns.includes('__proto__');
  for (let at = 0; at < numbers.length; at += columns.length) {
    const row: Record<string, number> = {};
    for (let c = 0; c < columns.length; c++) {
      if (isPlain) row[columns[c]!] = numbers[at + c]!;
      else put(row, columns[c]!, numbers[at + c]!);
    }
    rows.push(row);
  }
  return rows;
}
