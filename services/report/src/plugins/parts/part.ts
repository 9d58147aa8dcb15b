/** Answers put together of parts: a part that is kept is neither made nor compressed again. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { COMPRESSION_LEVEL } from '../freshness/body-cache.ts';

const deflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);
/** What ends with this flush is followed by any other block: parts are compressed apart and put behind each other. */
const OPTIONS: zlib.ZlibOptions = { level: COMPRESSION_LEVEL, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const LAST = 1;

/** Rows of an answer, separated by commas; empty: none. */
export interface Part {
  readonly text: Buffer;
  /** made on first use */
  deflated(): Promise<Buffer>;
}

export function partOf(text: string): Part {
  const bytes = Buffer.from(text);
  let deflating: Promise<Buffer> | undefined;
  return {
    text: bytes,
    deflated() {
      deflating ??= deflate(bytes, OPTIONS);
      return deflating;
    },
  };
}

/** A JSON array of all rows. */
export const arrayOf = (parts: readonly Part[]): Buffer =>
  Buffer.concat(
    interleaved(
      nonEmpty(parts).map(({ text }) => text),
      (character) => Buffer.from(character),
    ),
  );

/**
 * The same array as one gzip member.
 * @param array of the same parts
 * @returns undefined: this Node has no CRC-32 of its own (before 20.15)
 */
export function gzipOf(parts: readonly Part[], array: Buffer): Promise<Buffer> | undefined {
  if (typeof zlib.crc32 !== 'function') return undefined;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(zlib.crc32(array), 0);
  trailer.writeUInt32LE(array.length % 2 ** 32, 4);
  return Promise.all(nonEmpty(parts).map((part) => part.deflated())).then((blocks) =>
    Buffer.concat([GZIP_HEADER, ...interleaved(blocks, stored), trailer]),
  );
}

const nonEmpty = (parts: readonly Part[]): Part[] => parts.filter(({ text }) => text.length > 0);

function interleaved(parts: readonly Buffer[], spelt: (character: string, final: 0 | 1) => Buffer): Buffer[] {
  const comma = spelt(',', 0);
  const rows = parts.flatMap((part, i) => (i === 0 ? [part] : [comma, part]));
  return [spelt('[', 0), ...rows, spelt(']', LAST)];
}

/** A stored block of one character (RFC 1951, 3.2.4), which begins at a byte, as everything here does. */
const stored = (character: string, final: 0 | 1): Buffer =>
  Buffer.from([final, 0x01, 0x00, 0xfe, 0xff, character.charCodeAt(0)]);
