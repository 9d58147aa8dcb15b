import { type EventLog, StreamInUse, StreamMissing } from '@crunch-node/eventlog';
import { allStreams, type StreamDefinition } from '@crunch-node/streams';
import { type Duck, openDuck, sqlText } from '../duck.ts';
import { NoArchive } from './errors.ts';
import { DUCK } from './export-streams.ts';
import type { ArchiveManifest, Segment } from './manifest.ts';
import { messageOf, type Row } from './rows.ts';
import { readSegment } from './segment-file.ts';
import { openArchive, verifySegment } from './verify-archive.ts';

export interface SeedOptions {
  readonly folder: string;
  readonly onProgress?: (stream: string, done: number, total: number) => void;
  /** stops between two batches; the next call continues */
  readonly signal?: AbortSignal;
}

const BATCH_ROWS = 1_000;
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Fills the streams of an empty environment from an archive: every message with its id and its payload byte for byte,
 * at its own sequence. Each segment is verified before anything of it is written. An interrupted run can be continued.
 * @throws {StreamInUse} before anything is written {ArchiveDamaged} {NoArchive} {CopyDiffers} {StreamFullError}
 */
export async function seedStreams(
  log: EventLog,
  { folder: named, onProgress, signal }: SeedOptions,
): Promise<ArchiveManifest> {
  const { folder, manifest } = await openArchive(named);
  const archived = Object.entries(manifest.streams).filter(([, segments]) => segments.length > 0);
  const copies = [];
  for (const [name, segments] of archived) {
    const definition = allStreams.find((candidate) => candidate.name === name);
    if (definition === undefined) throw new NoArchive(folder, `this version knows no stream ${name}`);
    const [first] = segments as readonly [Segment];
    const mark = `seeding from ${first.hash}`;
    const copy = await log.copyInto(definition, { mark, firstSequence: first.first_sequence });
    copies.push({ definition, segments, copy });
  }
  for (const definition of allStreams) {
    if (!archived.some(([name]) => name === definition.name)) await assertEmpty(log, definition);
  }
  const duck = openDuck(folder, DUCK);
  try {
    for (const { definition, segments, copy } of copies) {
      const total = segments.at(-1)?.last_sequence ?? 0;
      let done = await copy.begin();
      const repeated = await repeatedIn(duck, folder, segments);
      for (const segment of segments) {
        if (segment.last_sequence <= done) continue;
        await verifySegment(duck, folder, segment);
        for await (const batch of batchesOf(readSegment(duck, folder, segment.file), done)) {
          if (signal?.aborted) return manifest;
          await copy.write(batch.map(messageOf), repeated);
          done = batch.at(-1)?.sequence ?? done;
          onProgress?.(definition.name, done, total);
        }
      }
    }
    // The marks of copies are removed only once every stream is complete.
    for (const { copy } of copies) await copy.finish();
    await log.ensureStreams(allStreams); // including streams without messages
    return manifest;
  } finally {
    duck.close();
  }
}

async function assertEmpty(log: EventLog, definition: StreamDefinition): Promise<void> {
  try {
    const { firstSequence, lastSequence } = await log.info(definition);
    if (lastSequence >= firstSequence && lastSequence > 0) {
      throw new StreamInUse(definition.name, lastSequence - firstSequence + 1);
    }
  } catch (error) {
    if (!(error instanceof StreamMissing)) throw error;
  }
}

async function* batchesOf(rows: AsyncIterable<Row>, after: number): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  let bytes = 0;
  for await (const row of rows) {
    if (row.sequence <= after) continue;
    batch.push(row);
    bytes += row.payload.length;
    if (batch.length < BATCH_ROWS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** A server treats a message whose id it remembers as a duplicate: those wait until the id is forgotten. */
async function repeatedIn(duck: Duck, folder: string, segments: readonly Segment[]): Promise<ReadonlySet<number>> {
  const files = segments.map(({ file }) => sqlText(`${folder}/${file}`)).join(', ');
  const connection = await duck.connect();
  try {
    const reader = await connection.runAndReadAll(
      `select sequence from read_parquet([${files}], hive_partitioning = false) where id is not null
       qualify row_number() over (partition by id order by sequence) > 1`,
    );
    return new Set(reader.getRows().map(([sequence]) => Number(sequence)));
  } finally {
    connection.closeSync();
  }
}
