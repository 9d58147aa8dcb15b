import type { Projection, Table } from '@crunch-node/projections';
import {
  compareTable,
  countTable,
  type DifferingRow,
  differingRows,
  leaderboardTop,
  nextSchemaOf,
  type RankedPlace,
  type TableComparison,
} from '@crunch-node/projections/generations';
import { sql } from 'kysely';
import { holdPositions, listPositions, type Position, readPosition } from '../position/position.ts';
import { assertContinues } from '../position/position-check.ts';
import { follow, PARTITION } from './build.ts';
import type { ReplayRun } from './replay-run.ts';

/** Why the served rows cannot be compared with the built ones: empty when they can. */
export type Incomparable =
  | ''
  | 'nothing is there yet'
  | `version ${number} became ${number}`
  | `the log changed: ${string}`;

export interface Compared {
  readonly projection: string;
  readonly incomparable: Incomparable;
  readonly tables: readonly (TableComparison & { readonly first: readonly DifferingRow[] })[];
  /** the top of the newest ranking in both, where rebuilt leaderboards differ */
  readonly top?: { readonly current: readonly RankedPlace[]; readonly next: readonly RankedPlace[] };
}

const SHOWN_ROWS = 3;
const TOP = 10;

/** The position of the served rows, and whether the built ones should equal them there. */
export interface ServedStanding {
  readonly position: Position | undefined;
  readonly incomparable: Incomparable;
}

export async function standingOf(
  { log, session, schema }: ReplayRun,
  { name, version, stream }: Projection,
): Promise<ServedStanding> {
  const position = await readPosition(session.db, schema, name, PARTITION);
  if (position === undefined || position.sequence === 0) return { position, incomparable: 'nothing is there yet' };
  if (position.version !== version) return { position, incomparable: `version ${position.version} became ${version}` };
  const info = await log.info(stream);
  const fault = await assertContinues(log, stream, info, position, version).then(
    () => undefined,
    (error: Error) => error,
  );
  return { position, incomparable: fault === undefined ? '' : `the log changed: ${fault.message}` };
}

/**
 * Compares the next generations with the served ones, at the same position: both stop until a snapshot of the database
 * is taken, then continue while the snapshot is compared.
 */
export async function compare(
  run: ReplayRun,
  standings: ReadonlyMap<string, ServedStanding>,
  projections: readonly Projection[],
): Promise<readonly Compared[]> {
  const { session, builder, schema, report } = run;
  report({ phase: 'comparing', detail: 'up to the same message' });
  const same = projections.filter(({ name }) => standings.get(name)?.incomparable === '');
  await alongside(run, same);
  const snapshot = await session.db.transaction().execute(async (trx) => {
    await holdPositions(trx, schema);
    const positions = await listPositions(trx, schema);
    for (const projection of same) await follow(run, projection, sequenceOf(positions, projection));
    const started = await builder.db
      .startTransaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute();
    await sql`select 1`.execute(started); // the snapshot is taken here
    return started;
  });
  try {
    const compared: Compared[] = [];
    for (const projection of projections) {
      const incomparable = standings.get(projection.name)?.incomparable ?? 'nothing is there yet';
      compared.push(await compareProjection(run, snapshot, projection, incomparable));
    }
    return compared;
  } finally {
    await snapshot.rollback().execute();
  }
}

/** Catches up with the served rows, without a lock, until little is left. */
export async function alongside(run: ReplayRun, projections: readonly Projection[]): Promise<void> {
  const positions = await listPositions(run.session.db, run.schema);
  for (const projection of projections) await follow(run, projection, sequenceOf(positions, projection));
}

const sequenceOf = (positions: readonly Position[], { name }: Projection): number =>
  positions.find(({ projection }) => projection === name)?.sequence ?? 0;

async function compareProjection(
  { schema, report }: ReplayRun,
  db: Parameters<typeof compareTable>[0],
  { name, tables }: Projection,
  incomparable: Incomparable,
): Promise<Compared> {
  if (incomparable === 'nothing is there yet') return { projection: name, incomparable, tables: [] };
  const schemas = [schema, nextSchemaOf(schema)] as const;
  const compared: Compared['tables'][number][] = [];
  report({ detail: name });
  for (const table of Object.values<Table>(tables)) {
    const comparison = await (incomparable === '' ? compareTable : countTable)(db, schemas, table);
    const isWrong = comparison.differs && incomparable === '';
    const first = isWrong ? await differingRows(db, schemas, table, SHOWN_ROWS) : [];
    compared.push({ ...comparison, first });
  }
  const showsTop = name === 'leaderboards' && (incomparable !== '' || compared.some(({ differs }) => differs));
  if (!showsTop) return { projection: name, incomparable, tables: compared };
  const [current, next] = [await leaderboardTop(db, schemas[0], TOP), await leaderboardTop(db, schemas[1], TOP)];
  return { projection: name, incomparable, tables: compared, top: { current, next } };
}
