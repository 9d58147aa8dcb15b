/** Runs predictions through all pure stages. Every event on the way has to be one that can be stored. */
import assert from 'node:assert/strict';
import {
  type CheckpointCreated,
  checkpoints,
  decodeEvent,
  type EnsembleSignalled,
  type Event,
  encodeEvent,
  type Json,
  type LeaderboardEvent,
  leaderboards,
  predictions,
  RoundPredicted,
  type RoundScored,
  type SnapshotTaken,
  type StreamDefinition,
  scores,
  signals,
  snapshots,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { checkpointReact, checkpointStart } from '../checkpoints/react.ts';
import { diversityFeedback } from '../diversity/feedback.ts';
import { diversityOverview } from '../diversity/overview.ts';
import { WHOLE } from '../emission/frac64.ts';
import { tierEmission } from '../emission/tiers.ts';
import { signalOf } from '../ensembles/signal.ts';
import { emptyWeightBook, noteWeights, weightsInForce } from '../ensembles/weights-in-force.ts';
import { rankReact, rankStart } from '../leaderboards/react.ts';
import { builtInMetrics } from '../metrics/registry.ts';
import { predictionOf } from '../rounds/record.ts';
import { scoreReact, scoreStart } from '../scoring/react.ts';
import { resolveGroundTruth } from '../scoring/resolve-ground-truth.ts';
import { STOCK_EVENT_BYTES } from '../sizes/event-room.ts';
import { fitRound } from '../sizes/fit-round.ts';
import { aggregateSnapshot } from '../snapshots/aggregate.ts';
import { snapshotReact, snapshotStart } from '../snapshots/react.ts';
import { candle, cycleTo, minute, predicted } from './given-events.ts';
import { assertFinite } from './specification.ts';

export const MODELS = ['a', 'b', 'c', 'd'];
const value = Type.Number({ default: 0 });
export const outputType = Type.Object({ value });
/** A competition with everything switched on, and no bounds on predictions. */
export const chainRules = (direction: 'asc' | 'desc', ranking_key: string) => ({
  output_type: outputType,
  ground_truth_type: null,
  score_type: Type.Object({ value, success: Type.Boolean({ default: true }) }),
  resolve_ground_truth: resolveGroundTruth,
  max_ground_truth_staleness_fraction: 0,
  scoring_function: (answers: Record<string, unknown>, truth: Record<string, unknown>) => ({
    ...answers,
    value: Number(answers.value) * Number(truth.profit) * 100,
    contribution: Number(answers.value),
    model_correlation: Number(answers.value),
    success: true,
  }),
  aggregate_snapshot: aggregateSnapshot,
  aggregation: {
    windows: [
      { name: 'hour', hours: 1 },
      { name: 'day', hours: 24 },
    ],
    value_field: 'value',
    ranking_key,
    ranking_direction: direction,
  },
  metrics: [...builtInMetrics.keys(), 'own'],
  custom_metrics: { own: 'mean(scores .^ 3) / std(predictions) + corr(predictions, returns)' },
  metrics_every: 1,
  cycle_seconds: 60,
  ensembles: [
    { name: 'steady', strategy: 'inverse_variance', filter: null, output_field: 'value', enabled: true },
    { name: 'best', strategy: 'equal_weight', filter: { top_n: 2 }, output_field: 'value', enabled: true },
  ] as const,
  checkpoint_interval_seconds: 120,
  crunch_pubkey: 'c',
  compute_provider: 'x',
  data_provider: null,
  kind: 'realtime' as const,
});

export function assertPlain(event: Event, stream: Parameters<typeof decodeEvent>[0]): void {
  assertFinite(event, event.type);
  const payload = encodeEvent(event);
  assert.ok(payload.length < STOCK_EVENT_BYTES, `${event.type} has ${payload.length} bytes`);
  const read = decodeEvent(stream, payload);
  assert.equal(read.kind, 'event', JSON.stringify(read).slice(0, 300));
}

export type ChainRules = ReturnType<typeof chainRules>;

/** By model; undefined: it is not there. */
export type Answers = readonly (Json | undefined)[];

function roundOf(at: number, answers: Answers): RoundPredicted {
  const { data } = predicted({ at });
  const asked = MODELS.flatMap((model_id, m) => {
    const result = answers[m];
    if (result === undefined) return [];
    const outcome = { kind: 'answered', model_id, status: 'SUCCESS', result, error_code: null, message: null } as const;
    return [predictionOf(data, outcome, outputType)];
  });
  const round = fitRound(RoundPredicted.at(minute(at), { ...data, predictions: asked }), {});
  assert.ok(round.type === 'RoundPredicted');
  return round;
}

/** A cycle a minute: each model predicts once, the ground truth is the price two minutes later. */
export function runChain(
  given: readonly Answers[],
  prices: readonly number[],
  config: ChainRules,
  emission = tierEmission,
) {
  const [score, ensembleScore] = [scoreReact(config as never, 0), scoreReact(config as never, 'ensemble')];
  const [snapshot, rank] = [snapshotReact(config as never), rankReact(config)];
  const checkpoint = checkpointReact({ ...config, build_emission: emission });
  let states = {
    score: scoreStart,
    ensembles: scoreStart,
    snapshot: snapshotStart,
    rank: rankStart,
    checkpoint: checkpointStart,
  };
  let book = emptyWeightBook;
  const values = {
    scored: [] as RoundScored[],
    taken: [] as SnapshotTaken[],
    ranked: [] as LeaderboardEvent[],
    paid: [] as CheckpointCreated[],
    signals: [] as EnsembleSignalled[],
    /** every event with its stream, in an order a log could have */
    log: [] as { readonly stream: StreamDefinition; readonly event: Event }[],
  };
  const append = (stream: StreamDefinition, events: readonly Event[]): void => {
    for (const event of events) assertPlain(event, stream);
    values.log.push(...events.map((event) => ({ stream, event })));
  };
  for (const [i, answers] of [...given, [], []].entries()) {
    const cycle = cycleTo(i + 1, i === 0 ? null : i);
    const records = [candle(i + 1, prices[i] ?? 100)];
    const rounds = answers.length === 0 ? [] : [roundOf(i + 1, answers)];
    append(predictions, rounds);
    const combined = rounds.flatMap((one) =>
      config.ensembles.map((ensemble) =>
        signalOf(ensemble, { predictions: [one] }, weightsInForce(book, ensemble.name, cycle.start)),
      ),
    );
    const scored = score(states.score, cycle, [...records, ...rounds]);
    const virtual = ensembleScore(states.ensembles, cycle, [...records, ...combined]);
    const finished = [...scored.events, ...virtual.events].filter(
      (event): event is RoundScored => event.type === 'RoundScored',
    );
    const snapped = snapshot(states.snapshot, cycle, finished);
    const taken = snapped.events.filter((event): event is SnapshotTaken => event.type === 'SnapshotTaken');
    const ranked = rank(states.rank, cycle, taken);
    const made = checkpoint(states.checkpoint, cycle, taken);
    append(signals, combined);
    append(scores, [...scored.events, ...virtual.events]);
    append(snapshots, snapped.events);
    append(leaderboards, ranked.events);
    append(checkpoints, made.events);
    book = ranked.events.reduce(noteWeights, book);
    states = {
      score: scored.state,
      ensembles: virtual.state,
      snapshot: snapped.state,
      rank: ranked.state,
      checkpoint: made.state,
    };
    values.scored.push(...finished);
    values.taken.push(...taken);
    values.ranked.push(...ranked.events);
    values.signals.push(...combined);
    values.paid.push(...made.events.filter((event): event is CheckpointCreated => event.type === 'CheckpointCreated'));
  }
  return values;
}

/** Those without a value come last, and those with one in their order. */
function assertOrdered(values: readonly (number | null)[], direction: 'asc' | 'desc'): void {
  const known = values.filter((one) => one !== null);
  assert.deepEqual(values.slice(0, known.length), known);
  assert.deepEqual(
    known,
    [...known].sort((a, b) => (direction === 'desc' ? b - a : a - b)),
  );
}

export function assertSane({ taken, ranked, paid }: ReturnType<typeof runChain>, config: ChainRules): void {
  const { ranking_direction: direction, ranking_key } = config.aggregation;
  for (const event of ranked) {
    if (event.type !== 'LeaderboardRanked') continue;
    assertOrdered(
      event.data.entries.map(({ score }) => score.ranking.value),
      direction,
    );
    for (const { score } of event.data.entries) assert.equal(score.ranking.value, score.metrics[ranking_key] ?? null);
  }
  for (const { data } of paid) {
    const key = ranking_key === 'hour' ? 'value' : ranking_key;
    const values = data.ranking.map(({ result_summary }) => (result_summary[key] as number | undefined) ?? null);
    assertOrdered(values, direction);
    const rewards = data.emission.cruncher_rewards;
    const total = rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0);
    assert.equal(total, values.some((one) => one !== null) ? WHOLE : 0);
    for (const { cruncher_index, model_id } of rewards) {
      assert.equal(data.ranking[cruncher_index]?.model_id, model_id);
      assert.notEqual(values[cruncher_index], null, `${model_id} is paid for nothing`);
    }
  }
  const rows = taken.map(({ data }) => data);
  assertFinite([diversityOverview(rows, 100), rows.map((row) => diversityFeedback(row.result_summary))]);
}
