import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import { describe } from './describe.ts';
import { rebuild, StateDamaged } from './rebuild.ts';

const deflate = promisify(deflateRaw);

/** A frame: its kind, its length, its content. Text is compressed; numbers hardly compress, so bytes are not. */
const TEXT = 1;
const BYTES = 2;
const HEADER_BYTES = 5;
const FRAME_BYTES = 256 * 1024;

/** Yields to the event loop after this long: a large state is encoded in many turns. */
const TURN_MS = 4;

/**
 * Encodes a state, in pieces of about 256 KiB, without blocking other tasks of the process.
 * @param state must not change until the last piece is taken
 * @param onWork called with the milliseconds of work, without those of waiting
 * @throws {NotSavable}
 */
export async function* encodeState(
  state: unknown,
  onWork: (ms: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let lineBytes = 0;
  let stretches: Uint8Array[] = [];
  let stretchBytes = 0;
  let turnFrom = performance.now();

  const endTurn = (): void => onWork(performance.now() - turnFrom);

  async function text(): Promise<Uint8Array> {
    const joined = Buffer.from(lines.join('\n'));
    lines = [];
    lineBytes = 0;
    endTurn();
    const packedLines = await deflate(joined, { level: 1 });
    turnFrom = performance.now();
    return frameOf(TEXT, [packedLines], packedLines.length);
  }
  /** The consumer may take its time over each piece. */
  function* handedOver(frame: Uint8Array): Generator<Uint8Array> {
    endTurn();
    yield frame;
    turnFrom = performance.now();
  }
  function bytes(): Uint8Array {
    const frame = frameOf(BYTES, stretches, stretchBytes);
    stretches = [];
    stretchBytes = 0;
    return frame;
  }

  for (const part of describe(state)) {
    if (typeof part === 'string') {
      lines.push(part);
      lineBytes += part.length;
      if (lineBytes >= FRAME_BYTES) yield* handedOver(await text());
    } else {
      stretches.push(part);
      stretchBytes += part.length;
      if (stretchBytes >= FRAME_BYTES) yield* handedOver(bytes());
    }
    if (performance.now() - turnFrom < TURN_MS) continue;
    endTurn();
    await nextTurn();
    turnFrom = performance.now();
  }
  if (lines.length > 0) yield await text();
  if (stretches.length > 0) yield bytes();
}

function frameOf(kind: number, parts: readonly Uint8Array[], length: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(kind, 0);
  header.writeUInt32LE(length, 1);
  return Buffer.concat([header, ...parts], HEADER_BYTES + length);
}

/** @throws {StateDamaged} and other errors when these are not the bytes that were written */
export function decodeState(written: Uint8Array): unknown {
  const all = Buffer.from(written.buffer, written.byteOffset, written.byteLength);
  const texts: Buffer[] = [];
  const stretches: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    if (at + HEADER_BYTES > all.length) throw new StateDamaged('it ends in the middle');
    const kind = all.readUInt8(at);
    const from = at + HEADER_BYTES;
    at = from + all.readUInt32LE(at + 1);
    if (at > all.length) throw new StateDamaged('it ends in the middle');
    if (kind === TEXT) texts.push(all.subarray(from, at));
    else if (kind === BYTES) stretches.push(all.subarray(from, at));
    else throw new StateDamaged(`a part is of no known kind: ${kind}`);
  }
  return rebuild(linesIn(texts), Buffer.concat(stretches));
}

function* linesIn(texts: readonly Buffer[]): Generator<readonly unknown[]> {
  for (const text of texts) {
    for (const line of inflateRawSync(text).toString().split('\n')) yield JSON.parse(line) as readonly unknown[];
  }
}
