import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { FoundFile } from './scan.ts';

/** How far a file has been read, and hashes that show whether it is unchanged up to there. */
export interface FileStanding {
  readonly inode: number;
  readonly version: string;
  /** bytes of whole lines; of one that does not grow, all */
  readonly end: number;
  /** lines in them */
  readonly lines: number;
  /** of the first bytes, and of the last ones before the end */
  readonly proof: string;
}

const CHUNK = 64 * 1024;
/** So much at the beginning, and so much before the end, has to be what it was: of most files it is all of them. */
const PROVED = 1024 * 1024;

/**
 * How far a file reaches now.
 * @param before how far it was known, if it is unchanged up to there: only what follows is read
 */
export async function standingOf(found: FoundFile, before: FileStanding | null): Promise<FileStanding> {
  const { file, inode, version, grows, size } = found;
  if (!grows) return { inode, version, end: size, lines: 0, proof: '' };
  const handle = await open(file);
  try {
    let [end, lines] = [before?.end ?? 0, before?.lines ?? 0];
    for await (const [chunk, start] of chunksOf(handle, end, size)) {
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) {
        lines++;
        end = start + at + 1;
      }
    }
    return { inode, version, end, lines, proof: await proofOf(handle, end) };
  } finally {
    await handle.close();
  }
}

/** Whether a file is unchanged up to its earlier end. Neither its inode nor its size proves this. */
export async function isContinued({ file, size, grows }: FoundFile, before: FileStanding): Promise<boolean> {
  if (!grows || size < before.end) return false;
  const handle = await open(file);
  try {
    return (await proofOf(handle, before.end)) === before.proof;
  } finally {
    await handle.close();
  }
}

/** The first lines of a file. Null: they are not whole yet. */
export async function firstLines(file: string, count: number): Promise<string | null> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, 0);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n').slice(0, -1).slice(0, count);
    if (lines.length === 0) return null;
    return lines.map((line) => line.replace(/^\ufeff/, '').replace(/\r$/, '')).join('\n');
  } finally {
    await handle.close();
  }
}

async function proofOf(handle: FileHandle, end: number): Promise<string> {
  const hash = createHash('sha256').update(`${end} `);
  const head = Math.min(end, PROVED);
  for await (const [chunk] of chunksOf(handle, 0, head)) hash.update(chunk);
  for await (const [chunk] of chunksOf(handle, Math.max(head, end - PROVED), end)) hash.update(chunk);
  return hash.digest('hex');
}

/** Bytes from one place to another, or to where the file ends by now. */
async function* chunksOf(handle: FileHandle, from: number, to: number): AsyncGenerator<readonly [Buffer, number]> {
  const buffer = Buffer.alloc(CHUNK);
  for (let start = from; start < to; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK, to - start), start);
    if (bytesRead === 0) return;
    yield [buffer.subarray(0, bytesRead), start];
    start += bytesRead;
  }
}
