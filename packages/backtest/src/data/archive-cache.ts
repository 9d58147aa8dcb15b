/** The coordinator's archive of feed records, copied here file by file: existing files are not fetched again. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';

export interface ArchiveQuery {
  readonly source?: string;
  readonly subjects: readonly string[];
  readonly kind: string;
  readonly granularity: string;
  /** first and last UTC day, `2026-11-21`; absent: as far as there is something */
  readonly from?: string;
  readonly to?: string;
}

export interface ArchiveOptions {
  /** of the report API */
  readonly url: string;
  /** if the API requires one */
  readonly apiKey?: string;
  readonly cacheDir: string;
  readonly query: ArchiveQuery;
  readonly signal?: AbortSignal;
  onProgress?(done: number, total: number, file: string): void;
}

interface IndexedFile {
  readonly path: string;
  readonly size_bytes: number;
  readonly date: string;
  readonly sha256?: string;
}

/** The archive cannot be used: it does not exist, has nothing of the feed, or its files differ from its index. */
export class ArchiveUnusable extends CrunchError {
  override readonly name = 'ArchiveUnusable';
  override readonly code = 'archive_unusable';
}

const SEGMENT = /^(?!\.)[A-Za-z0-9._=-]+$/;
const ATTEMPTS = 4;

/**
 * Brings the requested days into the cache. An incomplete file is continued, one that was replaced in the archive is
 * fetched again.
 * @returns paths of the files, in order of their names
 * @throws {ArchiveUnusable}
 */
export async function fetchArchive(options: ArchiveOptions): Promise<readonly string[]> {
  const files = (await indexOf(options)).filter((file) => isWanted(file, options.query));
  if (files.length === 0) {
    const { subjects, kind, granularity, from, to } = options.query;
    throw new ArchiveUnusable(
      `expected files of ${subjects.join(', ')} ${kind} ${granularity} from ${from ?? 'the beginning'} to ${to ?? 'the end'} in ${options.url}, found none`,
    );
  }
  const paths: string[] = [];
  for (const [i, file] of files.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.(i, files.length, file.path);
    paths.push(await fetchFile(file, options));
  }
  options.onProgress?.(files.length, files.length, '');
  return paths;
}

const headersOf = ({ apiKey }: ArchiveOptions): Record<string, string> =>
  apiKey === undefined ? {} : { 'x-api-key': apiKey };
const addressOf = ({ url }: ArchiveOptions, path: string): string => `${url.replace(/\/+$/, '')}${path}`;

async function indexOf(options: ArchiveOptions): Promise<readonly IndexedFile[]> {
  const response = await answered(options, '/data/backfill/index', {});
  const body: unknown = await response.json().catch(() => null);
  if (!Array.isArray(body) || !body.every(isIndexedFile)) {
    throw new ArchiveUnusable(
      `expected ${options.url} to list its files at /data/backfill/index, received another answer`,
    );
  }
  return [...body].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const isIndexedFile = (value: unknown): value is IndexedFile =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  typeof value.path === 'string' &&
  'size_bytes' in value &&
  typeof value.size_bytes === 'number' &&
  'date' in value &&
  typeof value.date === 'string';

/** Paths that could leave the cache are never fetched. */
function isWanted({ path, date }: IndexedFile, query: ArchiveQuery): boolean {
  const segments = path.split('/');
  if (segments.length !== 5 || !segments.every((segment) => SEGMENT.test(segment))) return false;
  const [source, subject = '', kind, granularity] = segments;
  return (
    (query.source === undefined || source === query.source) &&
    query.subjects.includes(subject) &&
    kind === query.kind &&
    granularity === query.granularity &&
    (query.from === undefined || date >= query.from) &&
    (query.to === undefined || date <= query.to)
  );
}

async function fetchFile(file: IndexedFile, options: ArchiveOptions): Promise<string> {
  const target = join(options.cacheDir, file.path);
  if (await isWhole(target, file)) return target;
  await mkdir(dirname(target), { recursive: true });
  const part = `${target}.part`;
  for (let attempt = 1; ; attempt++) {
    try {
      await continueFile(part, file, options);
      if (await isWhole(part, file)) break;
      await rm(part, { force: true });
      throw new ArchiveUnusable(`expected ${file.path} to be the file that ${options.url} lists, received other bytes`);
    } catch (error) {
      if (attempt >= ATTEMPTS || options.signal?.aborted) throw error;
    }
  }
  await rename(part, target);
  await rm(tagOf(part), { force: true });
  return target;
}

const tagOf = (part: string): string => `${part}.tag`;

/** Appends what is missing; `If-Range` makes the response whole again when the file was replaced meanwhile. */
async function continueFile(part: string, { path }: IndexedFile, options: ArchiveOptions): Promise<void> {
  const has = await sizeOf(part);
  const tag = has > 0 ? await readFile(tagOf(part), 'utf8').catch(() => null) : null;
  const resumes: Record<string, string> = tag === null ? {} : { range: `bytes=${has}-`, 'if-range': tag };
  const response = await answered(options, `/data/backfill/${path}`, resumes);
  const etag = response.headers.get('etag');
  if (etag !== null) await writeFile(tagOf(part), etag);
  const file = await open(part, response.status === 206 ? 'a' : 'w');
  try {
    // Each piece is in the file before the next is read: a connection that breaks loses none of them.
    for await (const piece of response.body ?? []) await file.write(piece as Uint8Array);
  } finally {
    await file.close();
  }
}

async function answered(options: ArchiveOptions, path: string, headers: Record<string, string>): Promise<Response> {
  const address = addressOf(options, path);
  let response: Response;
  try {
    response = await fetch(address, {
      headers: { ...headersOf(options), ...headers },
      ...(options.signal && { signal: options.signal }),
    });
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new ArchiveUnusable(`expected an answer of ${address}, received none: ${reasonOf(cause)}`, { cause });
  }
  if (!response.ok) {
    const hint = response.status === 401 || response.status === 403 ? '; name a key with --key' : '';
    throw new ArchiveUnusable(
      `expected ${address} to answer, received ${response.status} ${response.statusText}${hint}`,
    );
  }
  return response;
}

const reasonOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
};

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

async function isWhole(path: string, { size_bytes, sha256 }: IndexedFile): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null || found.size !== size_bytes) return false;
  if (sha256 === undefined) return true;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex') === sha256;
}
