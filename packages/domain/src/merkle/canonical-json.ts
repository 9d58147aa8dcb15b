import { byCodePoint } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

/**
 * `float`: every number is a floating-point one, as in the summaries of snapshots: `1.0`, `1e+16`, `-0.0`. Integers are
 * wrapped in {@link Integer}. `json`: numbers as JSON writes them, for texts that only this engine hashes.
 */
export type NumberStyle = 'float' | 'json';

/** An integer inside a text whose numbers are floats; digits as text, so that it may be of any size. */
export class Integer {
  readonly digits: string;
  /** @throws {RangeError} when it is not a whole number */
  constructor(value: number | bigint | string) {
    const digits = String(typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value);
    if (!/^-?\d+$/.test(digits)) throw new RangeError(`expected an integer, received ${value}`);
    this.digits = digits;
  }
}

/** A value that cannot be hashed: a number that is not finite, or without a JSON form. */
export class NotCanonical extends CrunchError {
  override readonly name = 'NotCanonical';
  override readonly code = 'not_canonical';
  readonly received: unknown;
  constructor(received: unknown) {
    super(
      `expected a finite number, a text, a boolean, null, an array or a plain object, received ${String(received)}`,
    );
    this.received = received;
  }
}

/**
 * JSON text with one form per value: keys sorted by code point at every level, no blanks, everything outside printable
 * ASCII escaped, so that others can compute the hash, too. Keys whose value is undefined are left out.
 * @throws {NotCanonical}
 */
export function canonicalJson(value: unknown, { numbers = 'json' }: { readonly numbers?: NumberStyle } = {}): string {
  const write = (part: unknown, place: Label): string => {
    switch (typeof part) {
      case 'string':
        return text(part);
      case 'number':
        return numbers === 'float' ? floatText(part) : jsonNumber(part);
      case 'boolean':
        return part ? 'true' : 'false';
      case 'object':
        if (part === null) return 'null';
        if (part instanceof Integer) return part.digits;
        return Array.isArray(part)
          ? `[${part.map((item) => write(item, place)).join(',')}]`
          : object(part as Record<string, unknown>, place);
      default:
        throw new NotCanonical(part);
    }
  };
  const object = (part: Record<string, unknown>, place: Label): string => {
    let members = '';
    for (const label of labelsOf(Object.keys(part), place)) {
      const member = part[label.key];
      if (member !== undefined) members += `${members === '' ? '' : ','}${label.text}${write(member, label)}`;
    }
    return `{${members}}`;
  };
  return write(value, root);
}

/** A key as it is written, in a record of one kind. */
interface Label {
  readonly key: string;
  /** with its quotes and colon */
  readonly text: string;
  /** kind of the last value under the key: the next one is likely the same */
  kind: Kind | null;
}

/** Records with the same keys in the same order: sorting and escaping them is done once. */
interface Kind {
  readonly keys: readonly string[];
  readonly labels: readonly Label[];
}

const root: Label = { key: '', text: '', kind: null };
const kinds = new Map<string, Kind>();
const MOST_KINDS = 1_000;
/** Records of more are keyed by ids rather than names, and no two are alike. */
const MOST_NAMES = 64;

function labelsOf(keys: readonly string[], place: Label): readonly Label[] {
  if (place.kind === null || !isSame(place.kind.keys, keys)) {
    if (keys.length > MOST_NAMES) return kindOf(keys).labels;
    place.kind = knownKind(keys);
  }
  return place.kind.labels;
}

function knownKind(keys: readonly string[]): Kind {
  const name = JSON.stringify(keys);
  let kind = kinds.get(name);
  if (kind === undefined) {
    kind = kindOf(keys);
    if (kinds.size >= MOST_KINDS) kinds.clear();
    kinds.set(name, kind);
  }
  return kind;
}

const kindOf = (keys: readonly string[]): Kind => ({
  keys,
  labels: [...keys].sort(byCodePoint).map((key) => ({ key, text: `${text(key)}:`, kind: null })),
});

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** JSON.stringify already escapes quotes, backslashes and control characters the short way. */
const text = (value: string): string => (PLAIN.test(value) ? `"${value}"` : escaped(value));

const escaped = (value: string): string =>
  JSON.stringify(value).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new NotCanonical(value);
  return String(value);
}

/** Shortest digits that read back to the same double, positional between 1e-4 and 1e16 and always with a fraction. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) throw new NotCanonical(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
