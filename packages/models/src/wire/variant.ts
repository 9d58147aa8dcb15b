import type { Json } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { TypedValue } from '../pool.ts';
import { VARIANT, type WireVariant } from './protocol.ts';
import { parseTolerantJson } from './tolerant-json.ts';

const text = new TextDecoder('utf-8', { fatal: true });

/** The bytes of a variant do not decode as the type it declares. */
export class UndecodableVariant extends CrunchError {
  override readonly name = 'UndecodableVariant';
  override readonly code = 'undecodable_variant';
}

/** @throws {RangeError} for an integer beyond 64 bits or not an integer, and for a double that is no number */
export function encodeVariant(argument: TypedValue): WireVariant {
  switch (argument.type) {
    case 'STRING':
      return { type: VARIANT.STRING, value: Buffer.from(argument.value, 'utf8') };
    case 'INT':
      return { type: VARIANT.INT, value: int64(argument.value) };
    case 'DOUBLE':
      return { type: VARIANT.DOUBLE, value: float64(argument.value) };
    case 'JSON':
      return { type: VARIANT.JSON, value: Buffer.from(JSON.stringify(argument.value), 'utf8') };
  }
}

export function int64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value)); // throws beyond 64 bits, and for a fraction before that
  return bytes;
}

export function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/**
 * Value of a variant; undefined for NONE and for no variant at all. An integer beyond 2^53 becomes the nearest number;
 * non-finite numbers stay what they are, so that the output check can name them.
 *
 * @throws {UndecodableVariant}
 */
export function decodeVariant(variant: WireVariant | null | undefined): Json | undefined {
  if (variant === undefined || variant === null) return undefined;
  const value = variant.value ?? new Uint8Array();
  switch (variant.type ?? VARIANT.NONE) {
    case VARIANT.NONE:
      return undefined;
    case VARIANT.DOUBLE:
      if (value.length !== 8) throw new UndecodableVariant(`expected a DOUBLE of 8 bytes, received ${value.length}`);
      return new DataView(value.buffer, value.byteOffset, 8).getFloat64(0, true);
    case VARIANT.INT:
      return Number(integerOf(value));
    case VARIANT.STRING:
      return readText(value, 'STRING');
    case VARIANT.JSON:
      return readJson(readText(value, 'JSON'));
    default:
      throw new UndecodableVariant(`expected DOUBLE, INT, STRING or JSON, received ${unusable(variant.type)}`);
  }
}

const unusable = (type: number | undefined): string =>
  type === VARIANT.PARQUET ? 'a table (PARQUET)' : `variant type ${type}`;

/** A signed little-endian integer of any length; no bytes are zero. */
function integerOf(value: Uint8Array): bigint {
  if (value.length === 0) return 0n;
  const bigEndian = Buffer.from(value).reverse();
  return BigInt.asIntN(value.length * 8, BigInt(`0x${bigEndian.toString('hex')}`));
}

function readText(value: Uint8Array, type: string): string {
  try {
    return text.decode(value);
  } catch (cause) {
    throw new UndecodableVariant(`expected ${type} as UTF-8, received ${value.length} other bytes`, { cause });
  }
}

function readJson(source: string): Json {
  try {
    return parseTolerantJson(source);
  } catch (cause) {
    throw new UndecodableVariant(`expected JSON, received ${JSON.stringify(source.slice(0, 80))}`, { cause });
  }
}
