import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { NoReplayData } from './find-files.ts';

/** A stretch of a file, from the beginning of a line to the end of one. */
export interface FilePart {
  /** bytes */
  readonly start: number;
  readonly end: number;
  /** lines before it */
  readonly lines: number;
  /** the file's first lines, where the part does not begin with them */
  readonly header: string | null;
}

/** The bytes of a file, whatever it is packed in. Errors come with reading. */
export async function openBytes(file: string, part?: Pick<FilePart, 'start' | 'end'>): Promise<Readable> {
  if (part !== undefined) {
    return part.end <= part.start
      ? Readable.from([])
      : createReadStream(file, { start: part.start, end: part.end - 1 });
  }
  const name = file.toLowerCase();
  if (name.endsWith('.zip')) return openZipped(file);
  if (!name.endsWith('.gz')) return createReadStream(file);
  // Errors of any part surface in the last one, which is the one being read.
  return pipeline(createReadStream(file), createGunzip(), () => {});
}

/** The one CSV file in a zip file. @throws {NoReplayData} */
async function openZipped(file: string): Promise<Readable> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
  try {
    const found: Entry[] = [];
    for await (const entry of zip.eachEntry()) if (isCsv(entry.fileName)) found.push(entry);
    const [only, ...others] = found;
    if (only === undefined || others.length > 0) {
      const names = found.map(({ fileName }) => fileName).join(', ');
      throw new NoReplayData(`${file}: expected one .csv file in it, found ${names || 'none'}`);
    }
    return await streamOf(zip, only);
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** A Mac adds a shadow of every file it packs. */
const isCsv = (name: string): boolean => /\.csv$/i.test(name) && !name.startsWith('__MACOSX/');

async function streamOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  const stream = await zip.openReadStreamPromise(entry);
  stream.once('close', () => zip.close());
  return stream;
}
