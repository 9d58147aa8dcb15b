import { setTimeout as delay } from 'node:timers/promises';
import { crashPoint, type EventLog } from '@crunch-node/eventlog';
import { isPostgresAway, isReadOnlyFault, misconfigurationOf, whyReadOnly } from '@crunch-node/postgres';
import { putAside } from '@crunch-node/service';
import { Backoff } from '@crunch-node/streams/backoff';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { createPositions, insertPosition, movePosition, type Position, readPosition } from '../position/position.ts';
import { assertContinues } from '../position/position-check.ts';
import { PositionMoved } from '../position/position-faults.ts';
import { isFinal, WriteRefused } from './projection-loop-faults.ts';
import type { RowProjection } from './row-projection.ts';
import { type WriteBatch, writeBatches } from './write-batches.ts';

export interface ProjectionProgress {
  readonly position: Position;
  readonly events: number;
  readonly rows: number;
  /** messages of a type or version this code does not know, skipped */
  readonly unknown: number;
  /** messages copied to DEADLETTERS */
  readonly malformed: number;
  /** messages of the stream after this one, as the server last reported */
  readonly pending: number;
  /** of the transaction; absent before the first one */
  readonly tookMs?: number;
}

/**
 * How long a batch may wait to be filled once it has an event, in milliseconds: freshness against the number of
 * transactions.
 */
export interface BatchWait {
  readonly longest: number;
  /** where the stream ends, when nothing arrived for so long */
  readonly quiet: number;
}

export interface ProjectionContext<DB> {
  readonly log: EventLog;
  readonly db: Kysely<DB>;
  /** Postgres schema of the tables and of the position */
  readonly schema: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Makes sure that the tables exist; called at every (re)start, within the retries. */
  readonly prepare?: () => Promise<void>;
  /** Called after each load of the position (nothing handled yet) and each batch. */
  readonly onProgress?: (progress: ProjectionProgress) => void;
  /** default 20 */
  readonly batchWaitMs?: BatchWait;
  /** How often an idle projection checks whether its position was changed, default 1,000. */
  readonly idleCheckMs?: number;
  /** Something is unavailable, or another process moved the position: retried after a pause. */
  readonly onWaiting?: (reason: Error) => void;
  /** Resolves when the position is there, or further: nothing after this sequence is handled. Default: no end. */
  readonly upTo?: number;
  /** Whether malformed messages are copied to DEADLETTERS, default true. Unnecessary when reading a stream again. */
  readonly putsAside?: boolean;
}

const PARTITION = 'all';
const BATCH_EVENTS = 1_000;
const BATCH_WAIT_MS: BatchWait = { longest: 20, quiet: 20 };
/** Gathered batches do not wait to be filled; so many messages are in flight. */
const GATHERED = { maxEvents: 1_000, maxWaitMs: 0 };
/** Every projection loses Postgres at once: chance spreads their return. */
const RETRIES = { firstMs: 100, longestMs: 5_000, jitter: 0.5 };
const IDLE_CHECK_MS = 1_000;

/**
 * Turns a stream into rows until the signal aborts. Rows and position change in one transaction, so a crash or an
 * unavailable Postgres loses and duplicates nothing: the loop always continues from the position in the database.
 * @throws {ApplyFailed} {WriteRefused} and the faults of a log that no longer matches the rows: see
 * `position-faults.ts`. Anything else is waited out.
 */
export async function runProjection<DB, Rows, Written = Rows>(
  projection: RowProjection<Rows, Written>,
  context: ProjectionContext<DB>,
): Promise<void> {
  const { logger, signal, onWaiting } = context;
  const backoff = new Backoff(RETRIES, Math.random);
  let lastReported = '';
  while (!signal.aborted) {
    try {
      await follow(projection, context, () => {
        backoff.reset();
        lastReported = '';
      });
      if (context.upTo !== undefined) return;
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      const remedy = misconfigurationOf(error);
      const reason = await reasonOf(error as Error, context);
      const { message } = reason;
      const waitMs = backoff.nextMs();
      // Logged once for each cause, not again at every retry while Postgres is away.
      logger[message === lastReported ? 'debug' : remedy === undefined ? 'warn' : 'error'](
        { err: reason, retry_ms: waitMs, ...(remedy !== undefined && { remedy }) },
        `projection ${projection.name} waits${remedy === undefined ? '' : ' for the configuration to be changed'}`,
      );
      lastReported = message;
      onWaiting?.(reason);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** A standby and a read-only setting fail with the same error; Postgres is queried for which it is. */
const reasonOf = async <DB>(error: Error, { db }: ProjectionContext<DB>): Promise<Error> =>
  isReadOnlyFault(error) ? whyReadOnly(db, error).catch(() => error) : error;

/** Reads from the position in the database until something fails, or the given end. */
async function follow<DB, Rows, Written>(
  projection: RowProjection<Rows, Written>,
  context: ProjectionContext<DB>,
  onMoved: () => void,
): Promise<void> {
  const { log, logger, signal, onProgress, upTo = Number.POSITIVE_INFINITY, putsAside = true } = context;
  await context.prepare?.();
  const loaded = await loadPosition(projection, context);
  let { position } = loaded;
  const pending = loaded.lastSequence - position.sequence;
  onProgress?.({ position, events: 0, rows: 0, unknown: 0, malformed: 0, pending });
  if (position.sequence >= upTo) return;

  const reading = new AbortController();
  const { longest, quiet } = context.batchWaitMs ?? BATCH_WAIT_MS;
  const batch = { maxEvents: BATCH_EVENTS, maxWaitMs: longest, quietMs: quiet };
  const batches = log.read(projection.stream, {
    after: position.sequence,
    ...(projection.gathers === undefined ? batch : GATHERED),
    signal: AbortSignal.any([signal, reading.signal]),
  });
  const by = { refusedBy: `projection ${projection.name}`, log, logger, signal };
  const read = writeBatches(projection, batches, position, {
    log,
    upTo,
    putAside: async (malformed) => (putsAside ? putAside(projection.stream.name, malformed, by) : undefined),
  });
  try {
    let next = read.next();
    for (;;) {
      const { value, done } = await whileStanding(next, position, context);
      if (done) return;
      // The next rows are fetched while Postgres writes these.
      next = read.next();
      next.catch(() => undefined);
      const begunAt = performance.now();
      const rows = await write(projection, context, position, value);
      position = value.to;
      onMoved();
      const { events, unknown, malformed, pending } = value;
      onProgress?.({ position, events, rows, unknown, malformed, pending, tookMs: performance.now() - begunAt });
      if (position.sequence >= upTo) return;
    }
  } finally {
    reading.abort(); // a read that is waiting for messages would block `return`
    await read.return();
  }
}

/**
 * The next rows to write, unless the position is moved while there are none: by a rebuild, or by a Postgres that
 * crashed and lost commits it had acknowledged.
 */
async function whileStanding<DB, T>(
  next: Promise<T>,
  position: Position,
  { db, schema, idleCheckMs = IDLE_CHECK_MS }: ProjectionContext<DB>,
): Promise<T> {
  const arrived = new AbortController();
  const idle = Symbol('idle');
  try {
    for (;;) {
      const pause = delay(idleCheckMs, idle, { signal: arrived.signal }).catch(() => idle);
      const winner = await Promise.race([next, pause]);
      if (winner !== idle) return winner as T;
      const current = await readPosition(db, schema, position.projection, position.partition);
      if (
        current?.sequence !== position.sequence ||
        current.created !== position.created ||
        current.version !== position.version
      )
        throw new PositionMoved(position);
    }
  } finally {
    arrived.abort();
  }
}

async function loadPosition<DB>(
  { name, version, stream }: Pick<RowProjection, 'name' | 'version' | 'stream'>,
  { log, db, schema }: ProjectionContext<DB>,
): Promise<{ position: Position; lastSequence: number }> {
  await createPositions(db, schema);
  let position = await readPosition(db, schema, name, PARTITION);
  if (position === undefined) {
    const { created } = await log.info(stream);
    const first = { projection: name, version, partition: PARTITION, stream: stream.name, created };
    position = await insertPosition(db, schema, {
      ...first,
      sequence: 0,
      message_id: '',
      closings: {},
      event_at: null,
    });
  }
  // Requested after the position was read: another instance may have moved it to an event that was unknown before.
  const info = await log.info(stream);
  await assertContinues(log, stream, info, position, version);
  return { position, lastSequence: info.lastSequence };
}

/** Writes rows and position, or neither. */
async function write<DB, Rows, Written>(
  projection: RowProjection<Rows, Written>,
  { db, schema }: ProjectionContext<DB>,
  from: Position,
  { rows, to }: WriteBatch<Written>,
): Promise<number> {
  try {
    const written = await db.transaction().execute(async (trx) => {
      if (!(await movePosition(trx, schema, from, to))) throw new PositionMoved(from);
      const count = await projection.write(trx, schema, rows);
      crashPoint('in-transaction');
      return count;
    });
    crashPoint('committed');
    return written;
  } catch (error) {
    // A connection problem is no refusal of the rows.
    if (error instanceof PositionMoved || isPostgresAway(error) || misconfigurationOf(error) !== undefined) throw error;
    throw new WriteRefused(from, error);
  }
}
