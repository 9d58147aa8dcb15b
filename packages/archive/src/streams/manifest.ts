/**
 * The content of an archive, and its hash chain: each entry's hash covers the content of its segment and the hash of
 * the entry before, so that any change, omission or exchange changes the head.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@crunch-node/domain';
import { byCodePoint } from '@crunch-node/streams';
import { ArchiveDamaged, ArchiveInUse, NoArchive } from './errors.ts';

/** A Parquet file of an archive. */
export interface Segment {
  /** relative to the folder of the archive */
  readonly file: string;
  readonly first_sequence: number;
  readonly last_sequence: number;
  /** message id of the last one; empty when it has none */
  readonly last_id: string;
  readonly bytes: number;
  readonly file_sha256: string;
  /** of the canonical form of its rows: the events, without the times they were stored */
  readonly rows_sha256: string;
  /** hash of the segment before; null for the first */
  readonly previous: string | null;
  readonly hash: string;
}

export interface ArchiveManifest {
  readonly format: 'crunch-node stream archive';
  readonly v: 1;
  readonly streams: Readonly<Record<string, readonly Segment[]>>;
  /** over the last hashes of all streams */
  readonly head: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const emptyManifest: ArchiveManifest = withHead({});

export function hashOf(stream: string, segment: Omit<Segment, 'hash'>): string {
  const { first_sequence, last_sequence, last_id, rows_sha256, previous } = segment;
  return sha256(canonicalJson({ stream, first_sequence, last_sequence, last_id, rows_sha256, previous }));
}

function withHead(streams: ArchiveManifest['streams']): ArchiveManifest {
  const sorted = Object.fromEntries(Object.entries(streams).sort(([a], [b]) => byCodePoint(a, b)));
  const heads = Object.fromEntries(
    Object.entries(sorted).map(([name, segments]) => [name, segments.at(-1)?.hash ?? null]),
  );
  return { format: 'crunch-node stream archive', v: 1, streams: sorted, head: sha256(canonicalJson(heads)) };
}

export const addSegment = ({ streams }: ArchiveManifest, stream: string, segment: Segment): ArchiveManifest =>
  withHead({ ...streams, [stream]: [...(streams[stream] ?? []), segment] });

const fileOf = (folder: string): string => join(folder, 'manifest.json');
const textOf = (manifest: ArchiveManifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** Null when there is none yet. @throws {NoArchive} {ArchiveDamaged} when any byte was changed */
export async function readManifest(folder: string): Promise<ArchiveManifest | null> {
  const text = await readFile(fileOf(folder), 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  let manifest: ArchiveManifest;
  try {
    manifest = JSON.parse(text) as ArchiveManifest;
  } catch (error) {
    throw new ArchiveDamaged(fileOf(folder), 'JSON', (error as Error).message);
  }
  if (manifest?.format !== emptyManifest.format || manifest.v !== 1 || typeof manifest.streams !== 'object') {
    throw new NoArchive(folder, 'its manifest.json is of another kind or version');
  }
  checkChain(folder, manifest);
  if (textOf(manifest) !== text) throw new ArchiveDamaged(fileOf(folder), 'the text it was written with', 'another');
  return manifest;
}

function checkChain(folder: string, manifest: ArchiveManifest): void {
  for (const [stream, segments] of Object.entries(manifest.streams)) {
    let before: Segment | undefined;
    if (!Array.isArray(segments)) throw new ArchiveDamaged(fileOf(folder), `segments of ${stream}`, typeof segments);
    for (const segment of segments) {
      const place = `${fileOf(folder)}, ${stream} from ${segment?.first_sequence}`;
      if (!isSegment(segment) || segment.file !== segmentFile(stream, segment.first_sequence)) {
        throw new ArchiveDamaged(place, 'a segment', JSON.stringify(segment));
      }
      const previous = before?.hash ?? null;
      if (segment.previous !== previous) throw new ArchiveDamaged(place, `previous ${previous}`, `${segment.previous}`);
      const hash = hashOf(stream, segment);
      if (segment.hash !== hash) throw new ArchiveDamaged(place, `hash ${hash}`, segment.hash);
      if (before !== undefined && segment.first_sequence !== before.last_sequence + 1) {
        throw new ArchiveDamaged(
          place,
          `a segment from ${before.last_sequence + 1}`,
          `one from ${segment.first_sequence}`,
        );
      }
      before = segment;
    }
  }
  const { head } = withHead(manifest.streams);
  if (manifest.head !== head) throw new ArchiveDamaged(fileOf(folder), `head ${head}`, manifest.head);
}

const SHAPE = {
  file: 'string',
  first_sequence: 'number',
  last_sequence: 'number',
  last_id: 'string',
  bytes: 'number',
  file_sha256: 'string',
  rows_sha256: 'string',
  hash: 'string',
} as const satisfies Partial<Record<keyof Segment, string>>;

const isSegment = (value: Segment): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(SHAPE).every(([name, type]) => typeof value[name as keyof Segment] === type);

/** `FEEDS/000000000001.parquet` */
export const segmentFile = (stream: string, firstSequence: number): string =>
  `${stream}/${String(firstSequence).padStart(12, '0')}.parquet`;

/**
 * Replaces the manifest atomically.
 * @param replaces its content when it was read
 * @throws {ArchiveInUse} when it has changed since
 */
export async function writeManifest(
  folder: string,
  manifest: ArchiveManifest,
  replaces: ArchiveManifest | null,
): Promise<void> {
  const file = fileOf(folder);
  await mkdir(folder, { recursive: true });
  const there = await readFile(file, 'utf8').catch(() => null);
  if (there !== (replaces && textOf(replaces))) throw new ArchiveInUse(file);
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(textOf(manifest));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(folder);
}

/** A rename is durable once its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
