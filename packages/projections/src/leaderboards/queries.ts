import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { ModelStateRow } from '../models/tables.ts';
import type { LeaderboardEntryRow } from './tables.ts';

export interface RankedModel extends LeaderboardEntryRow {
  readonly created_at: Instant;
  readonly model_name: string | null;
  readonly cruncher_name: string | null;
  /** today's; null of an ensemble, and where nothing is known of the model */
  readonly state: ModelStateRow['state'] | null;
}

/** End of the cycle of the latest ranking, or of the one in force at a moment. */
function latestCycleEnd(db: Kysely<Database>, asOf: Instant | undefined) {
  const latest = db.selectFrom('leaderboards').select(({ fn }) => fn.max('cycle_end').as('latest'));
  return asOf === undefined ? latest : latest.where('cycle_end', '<=', asOf);
}

/**
 * The latest ranking, best first; a model before an ensemble of the same rank. Empty before the first one.
 * @param asOf the ranking in force at that moment, with today's names
 */
export const latestLeaderboard = (
  db: Kysely<Database>,
  kinds: readonly LeaderboardEntryRow['kind'][],
  asOf?: Instant,
): Promise<RankedModel[]> =>
  db
    .selectFrom('leaderboards as board')
    .innerJoin('leaderboard_entries as entry', 'entry.cycle_end', 'board.cycle_end')
    .leftJoin('models as model', 'model.model_id', 'entry.model_id')
    .leftJoin('model_states as state', 'state.model_id', 'entry.model_id')
    .leftJoin('ensembles as ensemble', 'ensemble.model_id', 'entry.model_id')
    .selectAll('entry')
    .select(({ fn }) => [
      'board.created_at',
      fn.coalesce('model.model_name', 'ensemble.name').as('model_name'),
      'model.cruncher_name',
      'state.state',
    ])
    .where('board.cycle_end', '=', latestCycleEnd(db, asOf))
    .where('entry.kind', 'in', [...kinds])
    .orderBy('entry.rank')
    .orderBy('entry.kind', 'desc')
    .orderBy('entry.model_id')
    .execute();

/** The numbers of the latest ranking, models and ensembles alike. Empty before the first one. */
export const latestScoreMetrics = async (
  db: Kysely<Database>,
): Promise<readonly LeaderboardEntryRow['score_metrics'][]> => {
  const entries = await db
    .selectFrom('leaderboard_entries')
    .select('score_metrics')
    .where('cycle_end', '=', latestCycleEnd(db, undefined))
    .execute();
  return entries.map(({ score_metrics }) => score_metrics);
};

/** A model's place in the latest ranking, or in the one in force at a moment; null when it has none. */
export async function rankOf(db: Kysely<Database>, modelId: string, asOf?: Instant): Promise<number | null> {
  const entry = await db
    .selectFrom('leaderboard_entries')
    .select('rank')
    .where('cycle_end', '=', latestCycleEnd(db, asOf))
    .where('model_id', '=', modelId)
    .executeTakeFirst();
  return entry?.rank ?? null;
}
