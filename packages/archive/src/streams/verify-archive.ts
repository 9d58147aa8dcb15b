import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duck, openDuck } from '../duck.ts';
import { ArchiveDamaged, NoArchive } from './errors.ts';
import { DUCK } from './export-streams.ts';
import { type ArchiveManifest, readManifest, type Segment } from './manifest.ts';
import { hashRows } from './rows.ts';
import { fingerprint, readSegment } from './segment-file.ts';

export interface ArchiveVerifyOptions {
  readonly folder: string;
  /** the head as known from elsewhere: an attacker who can rewrite a whole archive can rewrite its chain */
  readonly head?: string;
  readonly onProgress?: (stream: string, done: number, total: number) => void;
}

/**
 * Reads the whole archive and compares it with its manifest.
 * @throws {ArchiveDamaged} naming the first file that differs {NoArchive}
 */
export async function verifyArchive({
  folder: named,
  head,
  onProgress,
}: ArchiveVerifyOptions): Promise<ArchiveManifest> {
  const { folder, manifest } = await openArchive(named);
  if (head !== undefined && manifest.head !== head) {
    throw new ArchiveDamaged(join(folder, 'manifest.json'), `head ${head}`, manifest.head);
  }
  const duck = openDuck(folder, DUCK);
  try {
    for (const [stream, segments] of Object.entries(manifest.streams)) {
      const total = segments.at(-1)?.last_sequence ?? 0;
      for (const segment of segments) {
        await verifySegment(duck, folder, segment);
        onProgress?.(stream, segment.last_sequence, total);
      }
    }
    return manifest;
  } finally {
    duck.close();
  }
}

/** @throws {NoArchive} {ArchiveDamaged} when the manifest is inconsistent */
export async function openArchive(named: string): Promise<{ folder: string; manifest: ArchiveManifest }> {
  const folder = await realpath(named).catch(() => {
    throw new NoArchive(named, 'there is no such folder');
  });
  const manifest = await readManifest(folder);
  if (manifest === null) throw new NoArchive(folder, 'it has no manifest.json');
  return { folder, manifest };
}

/** Checks the bytes of the file, then its content: that its rows are of this segment, in order and complete. */
export async function verifySegment(duck: Duck, folder: string, segment: Segment): Promise<void> {
  const { file, first_sequence, last_sequence } = segment;
  const path = join(folder, file);
  const found = await fingerprint(folder, file);
  if (found === null) throw new ArchiveDamaged(path, 'a file', 'none');
  if (found.sha256 !== segment.file_sha256 || found.bytes !== segment.bytes) {
    const facts = (bytes: number, sha256: string): string => `${bytes} bytes with SHA-256 ${sha256}`;
    throw new ArchiveDamaged(path, facts(segment.bytes, segment.file_sha256), facts(found.bytes, found.sha256));
  }
  const hash = hashRows();
  let next = first_sequence;
  for await (const row of readSegment(duck, folder, file)) {
    if (row.sequence !== next) throw new ArchiveDamaged(path, `message ${next}`, `message ${row.sequence}`);
    hash.add(row);
    next++;
  }
  if (next !== last_sequence + 1)
    throw new ArchiveDamaged(path, `messages up to ${last_sequence}`, `up to ${next - 1}`);
  const rows = hash.digest();
  if (rows !== segment.rows_sha256) throw new ArchiveDamaged(path, `rows ${segment.rows_sha256}`, rows);
}
