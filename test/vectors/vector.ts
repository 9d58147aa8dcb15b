/** Golden vectors: what the reference system answers, and how an answer of ours is compared with it. */
import { Integer } from '@crunch-node/domain';

export interface VectorCase {
  readonly name: string;
  readonly advisory?: boolean;
  readonly input: VectorInput;
  readonly expected: unknown;
}

// Each operation has its own shape; the files are trusted input and every runner reads only its own operations.
// biome-ignore lint/suspicious/noExplicitAny: test data of many shapes
export type VectorInput = any;

export interface VectorFile {
  readonly file: string;
  readonly tolerance: { readonly abs: number; readonly rel: number };
  readonly cases: readonly VectorCase[];
}

/** Answers one operation in the reference's way. */
export type Operation = (input: VectorInput, expected: VectorInput) => unknown;
export type Operations = Readonly<Record<string, Operation>>;

/** `{"$number": "NaN"}` is a number JSON has no form for, `{"$int": "5"}` an integer among floats. */
export const parseVectors = (text: string): VectorFile =>
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    return '$int' in value ? new Integer(String(value.$int)) : value;
  }) as VectorFile;

/** Where an answer differs from what was expected, or null. Integers must be equal, others nearly. */
export function difference(
  expected: unknown,
  actual: unknown,
  { abs, rel }: VectorFile['tolerance'],
  path = '$',
): string | null {
  const differs = `${path}: expected ${shown(expected)}, received ${shown(actual)}`;
  if (expected === '<any text>') return typeof actual === 'string' && actual !== '' ? null : differs;
  if (typeof expected === 'number' && typeof actual === 'number') {
    if (Object.is(expected, actual) || expected === actual) return null;
    if (Number.isInteger(expected) && Number.isInteger(actual)) return differs;
    const distance = Math.abs(expected - actual);
    return distance <= abs || distance <= rel * Math.max(Math.abs(expected), Math.abs(actual)) ? null : differs;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return `${path}: expected ${expected.length} elements, received ${actual.length}`;
    return first(expected.map((value, i) => difference(value, actual[i], { abs, rel }, `${path}[${i}]`)));
  }
  if (isRecord(expected) && isRecord(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return first([...keys].map((key) => difference(expected[key], actual[key], { abs, rel }, `${path}.${key}`)));
  }
  return expected === actual ? null : differs;
}

const first = (differences: readonly (string | null)[]): string | null => differences.find((d) => d !== null) ?? null;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const shown = (value: unknown): string =>
  (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))).slice(0, 160);
