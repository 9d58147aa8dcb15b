import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
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
