import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkpointStage } from '@crunch-node/checkpoint';
import { defineCrunch } from '@crunch-node/config';
import { type CrunchConfig, scorePartitions } from '@crunch-node/domain';
import { stagePartitions } from '@crunch-node/pipeline';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, type Step, stateToBeginWith, stateToKeep, step } from '@crunch-node/stages/definition';
import {
  type Cycle,
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  type Instant,
  instantOfMillis,
  type LeaderboardRanked,
  OrdersFilled,
  RoundPredicted,
  type RoundScored,
  roundId,
} from '@crunch-node/streams';
import { stagesBehind } from './stages-behind.ts';

const minute = (n: number): Instant => instantOfMillis(Date.UTC(2026, 0, 1) + n * 60_000);
const cycleTo = (n: number): Cycle => ({ start: n === 1 ? null : minute(n - 1), end: minute(n), config_hash: 'h' });
const feed = { source: 'test', subject: 'BTC', kind: 'candle', granularity: '1m' };
const candle = (n: number, close: number): FeedRecorded =>
  FeedRecorded.at(minute(n), {
    ...feed,
    ts_event: Date.UTC(2026, 0, 1) + (n - 1) * 60_000,
    values: { open: close, high: close, low: close, close, volume: 1 },
    metadata: {},
  });
/** A round at a minute with a horizon of one. */
const round = (n: number, answers: Readonly<Record<string, number>>): RoundPredicted =>
  RoundPredicted.at(minute(n), {
    round_id: roundId(0, 'BTC', minute(n)),
    partition: 0,
    scope_key: 'BTC',
    performed_at: minute(n),
    config_id: null,
    scope: { subject: 'BTC' },
    feed,
    resolvable_at: minute(n + 1),
    input_id: `INP_${n}`,
    window: null,
    predictions: Object.entries(answers).map(([model_id, value]) => ({
      prediction_id: `PRE_${model_id}_${n}`,
      model_id,
      status: 'PENDING',
      runner_status: null,
      reason: null,
      inference_output: { value },
    })),
  });

const config: CrunchConfig = defineCrunch({
  partitions: 1,
  scoring_function: ({ value }) => {
    if (Number(value) < 0) throw new Error('below nothing');
    return { value: Number(value), success: true, failed_reason: null };
  },
});
const types = (events: readonly Event[]): string[] => events.map(({ type }) => type);
const first = (stage: CyclicStage, n: number, events: readonly Event[]): Step =>
  step(stage, stage.initial(), { cycle: cycleTo(n), events: [...events] });
const scored = (answers: Readonly<Record<string, number>>): Step => {
  const stage = scoreStage(config, 0);
  const open = first(stage, 1, [candle(1, 100), round(1, answers)]);
  return step(stage, stateToKeep(stage, open.state), { cycle: cycleTo(2), events: [candle(2, 110)] });
};

describe('the score stage', () => {
  it('scores a round whose horizon is over and closes the cycle', () => {
    const { events } = scored({ a: 1, b: -1 });
    assert.deepEqual(types(events), ['RoundScored', 'CycleClosed']);
    const { data } = events[0] as RoundScored;
    assert.deepEqual(
      data.outcomes.map(({ model_id, outcome }) => [model_id, outcome]),
      [
        ['a', 'scored'],
        ['b', 'failed'],
      ],
    );
  });

  it('keeps a round until the cycle in which its horizon ends', () => {
    assert.deepEqual(types(first(scoreStage(config, 0), 1, [candle(1, 100), round(1, { a: 1 })]).events), [
      'CycleClosed',
    ]);
    const { ground_truth } = (scored({ a: 1 }).events[0] as RoundScored).data;
    assert.deepEqual([ground_truth?.entry_price, ground_truth?.resolved_price], [100, 110]);
  });

  it('reports the round of a score, and what failed', () => {
    const stage = scoreStage(config, 0);
    const [score, closing] = scored({ a: 1, b: -1 }).events;
    assert.equal(stage.traces?.causeOf(score!), roundId(0, 'BTC', minute(1)));
    assert.equal(stage.traces?.of(round(1, {})), true);
    assert.deepEqual(Object.keys((stage.failures?.(score!)?.failed ?? {}) as object), ['b']);
    assert.equal(stage.traces?.causeOf(closing!), null);
    assert.equal(stage.failures?.(closing!), null);
  });
});

describe('the snapshot stage', () => {
  it('takes one snapshot per model and chains the cycle', () => {
    const { events, closing } = first(snapshotStage(config), 2, scored({ a: 0.2, b: 0.9 }).events.slice(0, 1));
    assert.deepEqual(types(events), ['SnapshotTaken', 'SnapshotTaken', 'CycleClosed']);
    assert.ok('chain' in closing.data);
  });

  it('continues the recorded chain, and ignores events of another kind of competition', () => {
    const stage = snapshotStage(config);
    const { state, closing } = first(stage, 2, scored({ a: 1 }).events.slice(0, 1));
    const fresh = { cycle_end: closing.data.end, state: stage.initial() };
    const next = { cycle: cycleTo(3), events: [] };
    assert.deepEqual(
      step(stage, stateToBeginWith(stage, fresh, closing), next).closing,
      step(stage, state, next).closing,
    );
    const foreign = { ...scored({ a: 1 }).events[0]!, type: OrdersFilled.type };
    assert.deepEqual(types(first(stage, 2, [foreign]).events), ['CycleClosed']);
  });
});

describe('the rank stage', () => {
  it('ranks the models of the snapshots, best first', () => {
    const taken = first(snapshotStage(config), 2, scored({ a: 0.2, b: 0.9 }).events.slice(0, 1)).events.slice(0, -1);
    const { events } = first(rankStage(config), 2, taken);
    assert.deepEqual(types(events), ['LeaderboardRanked', 'CycleClosed']);
    assert.deepEqual(
      (events[0] as LeaderboardRanked).data.entries.map(({ model_id }) => model_id),
      ['b', 'a'],
    );
  });

  it('closes a cycle without snapshots', () =>
    assert.deepEqual(types(first(rankStage(config), 2, []).events), ['CycleClosed']));
});

const nothingRecorded = {
  roundsOf: () => async () => null,
  signalOf: () => async () => undefined,
  configured: { of: () => undefined } as never,
  hasEnsembles: false,
};

describe('stages and the pipeline', () => {
  it('read, write and close what the list of the pipeline declares', () => {
    const cyclic = [...scorePartitions(config).map((partition) => scoreStage(config, partition))];
    cyclic.push(snapshotStage(config), rankStage(config), checkpointStage(config));
    const listed = stagePartitions({ partitions: 1, hasEnsembles: false, isTournament: false });
    const shown = ({ closingSubject, stream, inputs }: Pick<CyclicStage, 'closingSubject' | 'stream' | 'inputs'>) =>
      `${inputs.map(({ name }) => name)} > ${stream.name} ${closingSubject}`;
    const cyclicOnes = new Set(['score', 'snapshot', 'rank', 'checkpoint']);
    assert.deepEqual(cyclic.map(shown), listed.filter(({ service }) => cyclicOnes.has(service)).map(shown));
  });

  it('are all recomputed: verification leaves no stage of the list out', () => {
    for (const definition of [{}, { kind: 'trading' }] as const) {
      const competition = defineCrunch({ ...definition, partitions: 2 });
      const { cyclic, prompt } = stagesBehind(competition, 'feeds', nothingRecorded);
      const recomputed = [...prompt, ...cyclic].map(({ closingSubject }) => closingSubject);
      const listed = stagePartitions({ partitions: 2, hasEnsembles: false, isTournament: false })
        .filter(({ inputs }) => inputs.length > 0) // what has none is recorded, not computed
        .map(({ closingSubject }) => closingSubject);
      assert.deepEqual(recomputed.sort(), listed.sort());
    }
  });

  it('own their closings and the addresses below them, and no others', () => {
    const stage = scoreStage({ ...config, partitions: 12 }, 1);
    assert.deepEqual(['scores.1', 'scores.1.BTC', 'scores.11', 'scores.11.BTC'].map(stage.owns), [
      true,
      true,
      false,
      false,
    ]);
    assert.ok(rankStage(config).owns('leaderboards.models'));
    assert.equal(stage.sources.includes(FeedsCycleClosed.natsSubjectOf({ ...cycleTo(1) })), true);
  });
});
