import type { JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';

/** Observations along the way of one prediction, unix microseconds by stamp. */
export interface TimedPrediction {
  readonly prediction_id: string;
  /** stamps of predict, and when the round was safe in the log */
  readonly timing: JsonObject;
  /** of the record that triggered the round: when it was received, normalised and safe in the log */
  readonly feed: JsonObject | null;
}

/** The newest `limit` predictions that carry stamps, newest first; looks at twice as many at most. */
export async function timedPredictions(db: Kysely<Database>, limit: number): Promise<TimedPrediction[]> {
  const newest = await db
    .selectFrom('predictions')
    .select(['prediction_id', 'round_id'])
    .orderBy('performed_at', 'desc')
    .orderBy('round_id', 'desc')
    .orderBy('model_id', 'desc')
    .limit(2 * limit)
    .execute();
  const timings = await roundTimings(db, [...new Set(newest.map(({ round_id }) => round_id))]);
  return newest
    .flatMap(({ prediction_id, round_id }) => {
      const found = timings.get(round_id);
      return found === undefined ? [] : [{ prediction_id, ...found }];
    })
    .slice(0, limit);
}

/** Records are found by the key of their feed, the newest few at the time of the round. */
async function roundTimings(
  db: Kysely<Database>,
  roundIds: readonly string[],
): Promise<ReadonlyMap<string, Omit<TimedPrediction, 'prediction_id'>>> {
  if (roundIds.length === 0) return new Map();
  const feedOf = (name: string) => sql<string>`round.feed ->> ${sql.lit(name)}`;
  const records = db
    .selectFrom('feed_records')
    .select(['record_id', 'obs'])
    .where('source', '=', feedOf('source'))
    .where('subject', '=', feedOf('subject'))
    .where('kind', '=', feedOf('kind'))
    .where('granularity', '=', feedOf('granularity'))
    .where('ts_event', '<=', sql<string>`round.performed_at`)
    .orderBy('ts_event', 'desc')
    .limit(10);
  const rounds = db
    .selectFrom('rounds')
    .select(['round_id', 'timing', 'feed', 'window_last', 'performed_at'])
    .where('round_id', '=', sql<string>`any(${roundIds}::text[])`)
    .where('timing', 'is not', null);
  const { rows } = await sql<{ round_id: string; timing: JsonObject; feed: JsonObject | null }>`
    select round.round_id, round.timing, record.obs as feed from (${rounds}) as round
    left join lateral (select obs from (${records}) as near where near.record_id = round.window_last limit 1)
      as record on true`.execute(db);
  return new Map(rows.map(({ round_id, ...timing }) => [round_id, timing]));
}
