import type { Projection } from '@crunch-node/projections';
import {
  type BulkRows,
  bulkWriter,
  completeBuild,
  createBuildTables,
  dropGeneration,
  existing,
  type Generation,
  insertNext,
  listGenerations,
  nextSchemaOf,
  setStage,
} from '@crunch-node/projections/generations';
import type { QueryExecutorProvider } from 'kysely';
import { runProjection } from '../loop/projection-loop.ts';
import { readPosition } from '../position/position.ts';
import { assertContinues } from '../position/position-check.ts';
import type { ReplayRun } from './replay-run.ts';

/** Events written at once: a transaction costs little in addition to its rows, and the memory for them is bounded. */
const COPIED_EVENTS = 5_000;
/** Folds write a key once per transaction, however often it changed, and keep at most one row per key. */
const FOLDED_EVENTS = 50_000;
export const PARTITION = 'all';

/**
 * Builds the next generation of a projection up to `target`, including indexes. Continues what an earlier process left
 * when the same code built it from the same log; else starts from the beginning. Killed at any moment, it leaves a
 * state that can be continued.
 */
export async function build(run: ReplayRun, projection: Projection, target: number): Promise<void> {
  const { log, builder, schema, logger, signal, report, waited, reached } = run;
  const next = nextSchemaOf(schema);
  let stage = await stageOfKept(run, projection);
  if (stage === undefined) {
    await begin(run, projection);
    stage = 'copying';
  }
  if (stage === 'copying') {
    const bulk = await bulkWriter(builder, next, projection);
    const events = projection.rebuild.copied.length > 0 ? COPIED_EVENTS : FOLDED_EVENTS;
    const write = async (db: QueryExecutorProvider, _: string, rows: BulkRows): Promise<number> => {
      const written = await bulk.write(db, rows);
      await reached('copied a batch');
      return written;
    };
    await runProjection(
      { ...projection, write, gathers: { events, begin: bulk.gather } },
      {
        log,
        db: builder.db,
        schema: next,
        logger,
        signal,
        upTo: target,
        putsAside: false,
        onWaiting: waited,
        onProgress: ({ position }) => report({ detail: projection.name, done: position.sequence }),
      },
    );
    signal.throwIfAborted();
    await reached('copied');
    await setStage(builder.db, schema, projection.name, 'indexing');
    stage = 'indexing';
  }
  if (stage === 'indexing') {
    report({ phase: 'indexing', detail: projection.name });
    await completeBuild(builder.db, next, projection, (trx) => setStage(trx, schema, projection.name, 'ready'));
    await reached('indexed');
  }
}

/** Handles the events between the next generation and a sequence, as any projection would. */
export async function follow(run: ReplayRun, projection: Projection, upTo: number): Promise<void> {
  const { log, builder, schema, logger, signal, waited: onWaiting } = run;
  const next = nextSchemaOf(schema);
  const aim = { upTo, putsAside: false, onWaiting };
  await runProjection(projection, { log, db: builder.db, schema: next, logger, signal, ...aim });
  signal.throwIfAborted();
}

/** The position of the unfinished generation of an earlier process, if it can be continued. */
async function stageOfKept(
  run: ReplayRun,
  { name, version, stream, tables }: Projection,
): Promise<Generation['stage'] | undefined> {
  const {
    log,
    builder: { db },
    schema,
    fingerprint,
  } = run;
  const next = nextSchemaOf(schema);
  const kept = (await listGenerations(db, schema)).find(
    ({ projection, slot }) => projection === name && slot === 'next',
  );
  if (kept?.version !== version || kept.fingerprint !== fingerprint) return undefined;
  const names = Object.values(tables).map((table) => table.name);
  if ((await existing(db, next, names)).length !== names.length) return undefined;
  const position = await readPosition(db, next, name, PARTITION);
  if (position === undefined) return kept.stage === 'copying' ? 'copying' : undefined;
  const info = await log.info(stream);
  const continues = await assertContinues(log, stream, info, position, version).then(
    () => true,
    () => false,
  );
  return continues ? kept.stage : undefined;
}

async function begin({ builder: { db }, schema, fingerprint }: ReplayRun, projection: Projection): Promise<void> {
  const { name, version, tables } = projection;
  const names = Object.values(tables).map((table) => table.name);
  const left = (await listGenerations(db, schema)).find((known) => known.projection === name && known.slot === 'next');
  await db.transaction().execute(async (trx) => {
    const leftTables = [...new Set([...(left?.tables ?? []), ...names])];
    await dropGeneration(trx, schema, { projection: name, slot: 'next', tables: leftTables });
    await createBuildTables(trx, nextSchemaOf(schema), projection);
    await insertNext(trx, schema, { projection: name, version, fingerprint, tables: names });
  });
}
