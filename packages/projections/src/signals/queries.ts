import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import { type ScoredSnapshot, type ScoreSeriesFilter, slicedScores } from '../model-scores/score-series.ts';
import type { Sliced } from '../sliced.ts';
import type { SnapshotRow } from '../snapshots/tables.ts';
import type { EnsembleRow, SignalRow } from './tables.ts';

/** Every ensemble that ever signalled, by name. */
export const listEnsembles = (db: Kysely<Database>): Promise<EnsembleRow[]> =>
  db.selectFrom('ensembles').selectAll().orderBy('name').execute();

/** The newest signal of each scope, newest first. */
export async function latestSignals(db: Kysely<Database>, name: string, scopeKey?: string): Promise<SignalRow[]> {
  let scopes = db.selectFrom('signals').select('scope_key').distinct().where('name', '=', name);
  if (scopeKey !== undefined) scopes = scopes.where('scope_key', '=', scopeKey);
  return db
    .selectFrom(scopes.as('known'))
    .innerJoinLateral(
      ({ selectFrom }) =>
        selectFrom('signals')
          .selectAll()
          .where('name', '=', name)
          .whereRef('signals.scope_key', '=', 'known.scope_key')
          .orderBy('performed_at', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .selectAll('latest')
    .orderBy('latest.performed_at', 'desc')
    .orderBy('latest.scope_key')
    .execute();
}

export interface SignalFilter {
  readonly scope_key?: string | undefined;
  /** bounds of `performed_at`, both inclusive */
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
  readonly limit: number;
}

/** The newest `limit` signals of an ensemble, newest first. */
export function newestSignals(
  db: Kysely<Database>,
  name: string,
  { scope_key, since, until, limit }: SignalFilter,
): Promise<SignalRow[]> {
  let query = db.selectFrom('signals').selectAll().where('name', '=', name);
  if (scope_key !== undefined) query = query.where('scope_key', '=', scope_key);
  if (since !== undefined) query = query.where('performed_at', '>=', since);
  if (until !== undefined) query = query.where('performed_at', '<=', until);
  return query.orderBy('performed_at', 'desc').orderBy('scope_key').limit(limit).execute();
}

export interface EnsembleSeriesFilter extends Omit<ScoreSeriesFilter, 'modelIds'> {
  /** undefined: of all ensembles */
  readonly name?: string | undefined;
}

export interface EnsembleSnapshot
  extends Pick<SnapshotRow, 'model_id' | 'period_start' | 'period_end' | 'prediction_count' | 'result_summary'> {
  readonly name: string;
}

export interface EnsembleSnapshotFilter {
  /** undefined: of all ensembles */
  readonly name?: string | undefined;
  /** bounds of the creation, both inclusive */
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
  readonly limit: number;
}

/**
 * Snapshots of ensembles in a span of time, oldest first: the newest of each fixed stretch where they are too many.
 * To be read a few stretches at a time.
 */
export async function slicedEnsembles(
  db: Kysely<Database>,
  { name, start, end, limit, points }: EnsembleSeriesFilter,
): Promise<Sliced<ScoredSnapshot> & { readonly nameOf: (modelId: string) => string }> {
  const known = (await listEnsembles(db)).filter((ensemble) => name === undefined || ensemble.name === name);
  const names = new Map(known.map((ensemble) => [ensemble.model_id, ensemble.name]));
  const sliced = await slicedScores(db, { modelIds: [...names.keys()], start, end, limit, points });
  return { ...sliced, nameOf: (modelId) => names.get(modelId) ?? '' };
}

/** The newest `limit` snapshots of ensembles, oldest of them first. */
export async function ensembleSnapshots(
  db: Kysely<Database>,
  { name, since, until, limit }: EnsembleSnapshotFilter,
): Promise<EnsembleSnapshot[]> {
  let query = db
    .selectFrom('snapshots as snapshot')
    .innerJoin('ensembles as ensemble', 'ensemble.model_id', 'snapshot.model_id')
    .selectAll('snapshot')
    .select('ensemble.name');
  if (name !== undefined) query = query.where('ensemble.name', '=', name);
  if (since !== undefined) query = query.where('snapshot.cycle_end', '>=', since);
  if (until !== undefined) query = query.where('snapshot.cycle_end', '<=', until);
  const newestFirst = await query
    .orderBy('snapshot.cycle_end', 'desc')
    .orderBy('snapshot.model_id', 'desc')
    .limit(limit)
    .execute();
  return newestFirst.reverse();
}
