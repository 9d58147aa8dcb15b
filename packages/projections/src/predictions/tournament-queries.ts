import type { JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { PREDICTION_STATUS, type PredictionStatus } from './status.ts';

/** Status of a tournament round. Found by its exact id, never by a pattern. */
export interface TournamentStanding {
  /** samples times partitions, as far as they are predicted */
  readonly rounds: number;
  /** of those, how many are finished by the ground truth */
  readonly scored_rounds: number;
  readonly models: number;
  readonly predictions: number;
  readonly by_status: Readonly<Partial<Record<PredictionStatus, number>>>;
}

export async function tournamentStanding(db: Kysely<Database>, tournament: string): Promise<TournamentStanding> {
  const counted = await db
    .selectFrom('rounds as round')
    .leftJoin('scored_rounds as scored', 'scored.round_id', 'round.round_id')
    .select([sql<string>`count(*)`.as('rounds'), sql<string>`count(scored.round_id)`.as('scored_rounds')])
    .where('round.tournament', '=', tournament)
    .executeTakeFirstOrThrow();
  const status = sql<PredictionStatus>`${sql.raw(PREDICTION_STATUS)}`;
  const statuses = await predictionsOf(db, tournament)
    .select([status.as('status'), sql<string>`count(*)`.as('n')])
    .groupBy(status)
    .execute();
  const models = await predictionsOf(db, tournament)
    .select(sql<string>`count(distinct prediction.model_id)`.as('n'))
    .executeTakeFirstOrThrow();
  return {
    rounds: Number(counted.rounds),
    scored_rounds: Number(counted.scored_rounds),
    models: Number(models.n),
    predictions: statuses.reduce((sum, { n }) => sum + Number(n), 0),
    by_status: Object.fromEntries(statuses.map(({ status: name, n }) => [name, Number(n)])),
  };
}

export interface TournamentScore {
  readonly prediction_id: string;
  readonly model_id: string;
  readonly sample: number;
  readonly value: number | null;
  readonly success: boolean;
  readonly failed_reason: string | null;
  readonly result: JsonObject | null;
}

/** Scores of a round, by sample, then model; samples without ground truth are left out. */
export async function tournamentScores(db: Kysely<Database>, tournament: string): Promise<TournamentScore[]> {
  const rows = await db
    .selectFrom('scores as score')
    .innerJoin('rounds as round', 'round.round_id', 'score.round_id')
    .select([
      'score.prediction_id',
      'score.model_id',
      'round.sample',
      'score.value',
      'score.success',
      'score.failed_reason',
      'score.result',
    ])
    .where('round.tournament', '=', tournament)
    .where('score.outcome', '<>', 'expired')
    .orderBy('round.sample')
    .orderBy(sql`score.model_id collate "C"`)
    .execute();
  return rows.map((row) => ({ ...row, sample: row.sample ?? 0 }));
}

const predictionsOf = (db: Kysely<Database>, tournament: string) =>
  db
    .selectFrom('predictions as prediction')
    .innerJoin('rounds as round', 'round.round_id', 'prediction.round_id')
    .leftJoin('scores as score', (join) =>
      join.onRef('score.round_id', '=', 'prediction.round_id').onRef('score.model_id', '=', 'prediction.model_id'),
    )
    .where('round.tournament', '=', tournament);
