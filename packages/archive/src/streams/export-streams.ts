import { mkdir, realpath } from 'node:fs/promises';
import { type EventLog, type LogLookup, StreamMissing } from '@crunch-node/eventlog';
import type { StreamDefinition } from '@crunch-node/streams';
import { type Duck, openDuck } from '../duck.ts';
import { AnotherLog } from './errors.ts';
import {
  type ArchiveManifest,
  addSegment,
  emptyManifest,
  hashOf,
  readManifest,
  segmentFile,
  writeManifest,
} from './manifest.ts';
import { hashRows, type Row, rowOf } from './rows.ts';
import { fingerprint, writeSegment } from './segment-file.ts';

export interface ExportOptions {
  readonly folder: string;
  readonly streams: readonly StreamDefinition[];
  /** of a segment, default 100,000 */
  readonly maxRows?: number;
  /** of the payloads of a segment, default 64 MiB */
  readonly maxBytes?: number;
  /** called for each stream with the number of its archived messages */
  readonly onProgress?: (stream: string, done: number, total: number) => void;
  /** stops between two segments; the next export continues */
  readonly signal?: AbortSignal;
}

export const DUCK = { threads: 1, memoryMb: 512 } as const;

/**
 * Adds to an archive what streams have in addition, up to their current ends. A segment is part of the archive once the
 * manifest lists it: an interrupted segment is written again.
 * @throws {AnotherLog} {ArchiveInUse} {ArchiveDamaged} {LogHasGap}
 */
export async function exportStreams(log: EventLog, options: ExportOptions): Promise<ArchiveManifest> {
  await mkdir(options.folder, { recursive: true });
  const folder = await realpath(options.folder);
  const duck = openDuck(folder, DUCK);
  try {
    let written = await readManifest(folder);
    for (const stream of options.streams) {
      for await (const manifest of segmentsOf(log, duck, folder, stream, written ?? emptyManifest, options)) {
        await writeManifest(folder, manifest, written);
        written = manifest;
      }
    }
    if (written === null) await writeManifest(folder, emptyManifest, null);
    return written ?? emptyManifest;
  } finally {
    duck.close();
  }
}

/** The manifest after each new segment. */
async function* segmentsOf(
  log: EventLog,
  duck: Duck,
  folder: string,
  stream: StreamDefinition,
  manifest: ArchiveManifest,
  { maxRows = 100_000, maxBytes = 64 * 1024 * 1024, onProgress, signal }: ExportOptions,
): AsyncGenerator<ArchiveManifest> {
  const { after, end } = await stretchOf(log, stream, manifest);
  onProgress?.(stream.name, after, end);
  if (after >= end) return;
  let current = manifest;
  let rows: Row[] = [];
  let bytes = 0;
  const cut = async (): Promise<ArchiveManifest> => {
    current = addSegment(current, stream.name, await segmentOf(duck, folder, stream.name, current, rows));
    onProgress?.(stream.name, rows.at(-1)?.sequence ?? after, end);
    rows = [];
    bytes = 0;
    return current;
  };
  for await (const messages of log.messages(stream, { after, maxEvents: 2_000 })) {
    for (const message of messages) {
      if (message.sequence > end) break;
      rows.push(rowOf(message));
      bytes += message.payload.length;
      if (rows.length >= maxRows || bytes >= maxBytes || message.sequence === end) {
        yield await cut();
        if (signal?.aborted) return;
      }
    }
    if ((messages.at(-1)?.sequence ?? 0) >= end) return;
  }
}

/** The range to export, after checking that the archive is of this log. */
async function stretchOf(log: LogLookup, stream: StreamDefinition, { streams }: ArchiveManifest) {
  const archived = streams[stream.name]?.at(-1);
  const after = archived?.last_sequence ?? 0;
  const info = await log.info(stream).catch((error: unknown) => {
    if (error instanceof StreamMissing && archived === undefined) return null;
    throw error;
  });
  if (info === null) return { after: 0, end: 0 };
  const { firstSequence, lastSequence } = info;
  if (archived === undefined) return { after, end: firstSequence > lastSequence ? 0 : lastSequence };
  if (lastSequence < after) throw new AnotherLog(stream.name, after, `it ends at ${lastSequence}`);
  if (firstSequence > after + 1) throw new AnotherLog(stream.name, after, `it begins at ${firstSequence}`);
  if (firstSequence <= after) {
    const id = await log.messageId(stream, after);
    if (id !== archived.last_id) throw new AnotherLog(stream.name, after, `another message stands there (${id})`);
  }
  return { after, end: lastSequence };
}

async function segmentOf(
  duck: Duck,
  folder: string,
  stream: string,
  { streams }: ArchiveManifest,
  rows: readonly Row[],
) {
  const [first, last] = [rows[0] as Row, rows.at(-1) as Row]; // a segment has at least one row
  const file = segmentFile(stream, first.sequence);
  await writeSegment(duck, folder, file, rows);
  const written = await fingerprint(folder, file);
  const hash = hashRows();
  for (const row of rows) hash.add(row);
  const segment = {
    file,
    first_sequence: first.sequence,
    last_sequence: last.sequence,
    last_id: last.id ?? '',
    bytes: written?.bytes ?? 0,
    file_sha256: written?.sha256 ?? '',
    rows_sha256: hash.digest(),
    previous: streams[stream]?.at(-1)?.hash ?? null,
  };
  return { ...segment, hash: hashOf(stream, segment) };
}
