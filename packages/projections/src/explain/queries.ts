import { answerOf, momentOfPredictionId } from '@crunch-node/domain';
import { addSeconds, type FeedKey, type Instant, type Json, type JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { ScoreCycleRow, ScoredRoundRow, ScoreRow } from '../scores/tables.ts';
import type { SignalRow } from '../signals/tables.ts';
import { type NamedRecord, recordsById, resolutionRecords } from './records.ts';

/** A prediction as it was published, of a model or of an ensemble. */
export interface DerivedPrediction {
  readonly prediction_id: string;
  readonly model_id: string;
  readonly model_name: string | null;
  readonly cruncher_name: string | null;
  readonly round_id: string;
  /** a number, or `ensemble` */
  readonly partition: string;
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly config_id: string | null;
  readonly status: 'PENDING' | 'FAILED' | 'ABSENT';
  readonly runner_status: 'SUCCESS' | 'FAILED' | 'TIMEOUT' | null;
  readonly reason: string | null;
  readonly inference_output: JsonObject;
  readonly exec_time_ms: number | null;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant | null;
  readonly feed: FeedKey | null;
  readonly input_id: string | null;
  readonly window_first: string | null;
  readonly window_last: string | null;
  readonly window_count: number | null;
  readonly input: Json | null;
  readonly tournament: string | null;
  readonly sample: number | null;
  /** of an ensemble */
  readonly members: SignalRow['members'] | null;
  readonly weights_cycle_end: Instant | null;
  readonly log_sequence: number;
}

/** Everything the read model knows about how a score came to be, as of one moment. */
export interface Derivation {
  readonly prediction: DerivedPrediction;
  readonly window: readonly NamedRecord[];
  readonly round: ScoredRoundRow | null;
  readonly score: ScoreRow | null;
  /** it is an order of a trading competition, and was filled or refused rather than scored */
  readonly isOrder: boolean;
  readonly cycle: ScoreCycleRow | null;
  /** the configuration the cycle was closed under; null when it is not known here */
  readonly configuration: { readonly revision: number; readonly scorer: string | null } | null;
  /** records named by the ground truth, and those of the horizon in order of time, so many at most */
  readonly named: readonly NamedRecord[];
  readonly records: readonly NamedRecord[];
  readonly truncated: boolean;
}

/** Undefined when there is no such prediction. @param limit of the records of the horizon */
export function derivationOf(
  db: Kysely<Database>,
  predictionId: string,
  limit: number,
): Promise<Derivation | undefined> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const moment = momentOfPredictionId(predictionId);
      if (moment === null) return undefined;
      const prediction =
        (await predictionOfModel(trx, predictionId, moment)) ?? (await predictionOfEnsemble(trx, predictionId, moment));
      return prediction && derive(trx, prediction, limit);
    });
}

async function derive(db: Kysely<Database>, prediction: DerivedPrediction, limit: number): Promise<Derivation> {
  const { round_id, model_id, feed, performed_at, resolvable_at } = prediction;
  const round = await db.selectFrom('scored_rounds').selectAll().where('round_id', '=', round_id).executeTakeFirst();
  const score = await db
    .selectFrom('scores')
    .selectAll()
    .where('round_id', '=', round_id)
    .where('model_id', '=', model_id)
    .executeTakeFirst();
  const cycle =
    round &&
    (await db
      .selectFrom('score_cycles')
      .selectAll()
      .where('partition', '=', round.partition)
      .where('cycle_end', '=', round.scored_at)
      .executeTakeFirst());
  const order = await db
    .selectFrom('fills')
    .select('round_id')
    .where('round_id', '=', round_id)
    .where('model_id', '=', model_id)
    .executeTakeFirst();
  const truth = round?.ground_truth_records;
  const found =
    feed === null || resolvable_at === null || resolvable_at <= performed_at
      ? []
      : await resolutionRecords(db, feed, { after: performed_at, until: resolvable_at, limit: limit + 1 });
  return {
    prediction,
    window: await recordsById(db, [prediction.window_first, prediction.window_last]),
    round: round ?? null,
    score: score ?? null,
    isOrder: order !== undefined,
    cycle: cycle ?? null,
    configuration: cycle === undefined ? null : await configurationOf(db, cycle.config_hash),
    named: truth ? await recordsById(db, [truth.entry, truth.first, truth.last]) : [],
    records: found.slice(0, limit),
    truncated: found.length > limit,
  };
}

/** Ids end with their moment, so that no index of ids is needed: it is one of the predictions of a millisecond. */
const within = (moment: Instant): { readonly from: Instant; readonly until: Instant } => ({
  from: moment,
  until: addSeconds(moment, 0.001),
});

async function predictionOfModel(
  db: Kysely<Database>,
  id: string,
  moment: Instant,
): Promise<DerivedPrediction | undefined> {
  const { from, until } = within(moment);
  const found = await db
    .selectFrom('predictions as prediction')
    .innerJoin('rounds as round', 'round.round_id', 'prediction.round_id')
    .leftJoin('models as model', 'model.model_id', 'prediction.model_id')
    .selectAll('prediction')
    .select(['model.model_name', 'model.cruncher_name', 'round.partition', 'round.scope_key', 'round.scope'])
    .select(['round.config_id', 'round.resolvable_at', 'round.feed', 'round.input_id', 'round.input'])
    .select(['round.window_first', 'round.window_last', 'round.window_count', 'round.tournament', 'round.sample'])
    .where('prediction.performed_at', '>=', from)
    .where('prediction.performed_at', '<', until)
    .where('prediction.prediction_id', '=', id)
    .orderBy('prediction.round_id')
    .limit(1)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const ofEnsemble = { members: null, weights_cycle_end: null };
  return { ...found, ...ofEnsemble, partition: String(found.partition), scope: found.scope ?? {} };
}

async function predictionOfEnsemble(
  db: Kysely<Database>,
  id: string,
  moment: Instant,
): Promise<DerivedPrediction | undefined> {
  const { from, until } = within(moment);
  const found = await db
    .selectFrom('ensembles as ensemble')
    .innerJoin('signals as signal', 'signal.name', 'ensemble.name')
    .selectAll('signal')
    .where('signal.performed_at', '>=', from)
    .where('signal.performed_at', '<', until)
    .where('signal.prediction_id', '=', id)
    .orderBy('signal.round_id')
    .limit(1)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const { name, value, output_field: _, ...signal } = found;
  return {
    ...signal,
    model_name: name,
    cruncher_name: null,
    partition: 'ensemble',
    config_id: null,
    status: value === null ? 'FAILED' : 'PENDING',
    runner_status: null,
    reason: value === null ? 'no member gave a usable answer' : null,
    inference_output: answerOf(found),
    exec_time_ms: null,
    window_first: null,
    window_last: null,
    window_count: null,
    input: null,
    tournament: null,
    sample: null,
  };
}

/** The newest activation with this hash: the same configuration may have been in force before. */
async function configurationOf(db: Kysely<Database>, hash: string): Promise<Derivation['configuration']> {
  const found = await db
    .selectFrom('config_activations')
    .select(['revision', sql<string | null>`config ->> 'scoring_function'`.as('scorer')])
    .where('config_hash', '=', hash)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found ?? null;
}
