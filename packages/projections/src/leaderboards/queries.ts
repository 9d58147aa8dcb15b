import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { LeaderboardEntryRow } from './tables.ts';

export interface RankedModel extends LeaderboardEntryRow {
  readonly created_at: Instant;
  readonly model_name: string | null;
  readonly cruncher_name: string | null;
}

/** The latest ranking, best first; a model before an ensemble of the same rank. Empty before the first one. */
export const latestLeaderboard = (
  db: Kysely<Database>,
  kinds: readonly LeaderboardEntryRow['kind'][],
): Promise<RankedModel[]> =>
  db
    .selectFrom('leaderboards as board')
    .innerJoin('leaderboard_entries as entry', 'entry.cycle_end', 'board.cycle_end')
    .leftJoin('models as model', 'model.model_id', 'entry.model_id')
    .leftJoin('ensembles as ensemble', 'ensemble.model_id', 'entry.model_id')
    .selectAll('entry')
    .select(({ fn }) => [
      'board.created_at',
      fn.coalesce('model.model_name', 'ensemble.name').as('model_name'),
      'model.cruncher_name',
    ])
    .where('board.cycle_end', '=', ({ selectFrom }) =>
      selectFrom('leaderboards').select(({ fn }) => fn.max('cycle_end').as('latest')),
    )
    .where('entry.kind', 'in', [...kinds])
    .orderBy('entry.rank')
    .orderBy('entry.kind', 'desc')
    .orderBy('entry.model_id')
    .execute();
