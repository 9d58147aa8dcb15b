import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CheckpointCreated,
  EnsembleSignalled,
  EnsembleWeighted,
  type Event,
  encodeEvent,
  type JsonObject,
  LeaderboardRanked,
  type Prediction,
  type RankedEntry,
  RoundPredicted,
  RoundScored,
  roundId,
} from '@crunch-node/streams';
import fc from 'fast-check';
import { predictionId } from '../ids.ts';
import { minute, predicted, scored } from '../testing/given-events.ts';
import { dataRoom, fits, jsonBytes, STOCK_EVENT_BYTES } from './event-room.ts';
import { fitCheckpoint } from './fit-checkpoint.ts';
import { fitMeasured } from './fit-measured.ts';
import { fitRanking, fitWeights } from './fit-ranking.ts';
import { fitRound } from './fit-round.ts';
import { fitScored } from './fit-scored.ts';
import { fitSignal } from './fit-signal.ts';
import { fitSummary } from './fit-snapshot.ts';

const stock = {};
const small = { max_event_bytes: 600_000 };
/** As many parts of half as many entries */
const tight = { max_event_bytes: 300_000 };
const limits = fc.constantFrom(stock, small, { max_event_bytes: 8 * 1024 * 1024 });
/** Headers repeat the id; observations may have their full share. */
const assertStored = (event: Event, limit: { max_event_bytes?: number }): void => {
  const measured = fitMeasured({ exec_ms: { m: 1 }, details: { m: 'x'.repeat(200_000) } }, limit);
  const bytes = encodeEvent(event, measured).length + 4_096;
  assert.ok(bytes <= (limit.max_event_bytes ?? STOCK_EVENT_BYTES), `${event.type} has ${bytes} bytes`);
};

const text = (length: number, of = 'x'): string => of.repeat(Math.ceil(length / of.length)).slice(0, length);
/** Length and characters of a text in a prediction: some are six bytes in JSON, some three in UTF-8. */
const note = fc.tuple(
  fc.oneof(fc.nat({ max: 65_000 }), fc.nat({ max: 50 })),
  fc.constantFrom('x', '\u0001', '"', '語'),
);
const round = (notes: readonly (readonly [number, string])[]): RoundPredicted =>
  RoundPredicted.at(minute(1), {
    ...predicted({ at: 1 }).data,
    predictions: notes.map(
      ([length, of], i): Prediction => ({
        prediction_id: predictionId(`m${i}`, 'BTC', minute(1)),
        model_id: `m${i}`,
        status: 'PENDING',
        runner_status: 'SUCCESS',
        reason: null,
        inference_output: { value: 0.1, note: text(length, of) },
      }),
    ),
  });

describe('an event', () => {
  it('is measured without serialising it only where the result is the same', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 300 }), (value, bytes) =>
        assert.equal(fits(value, bytes), jsonBytes(value) <= bytes),
      ),
    ));

  it('is the unchanged round where all predictions fit', () => {
    const given = round(Array.from({ length: 14 }, () => [60_000, 'x'] as const));
    assert.equal(fitRound(given, stock), given);
  });

  it('fails predictions beyond their share, equal ones alike, and keeps the small ones', () => {
    const notes = Array.from({ length: 21 }, (_, i) => [i === 7 ? 10 : 60_000, 'x'] as const);
    const fitted = fitRound(round(notes), stock);
    assert.ok(fitted.type === 'RoundPredicted');
    assertStored(fitted, stock);
    const { predictions } = fitted.data;
    assert.deepEqual(
      predictions.flatMap(({ model_id, status }) => (status === 'PENDING' ? [model_id] : [])),
      ['m7'],
    );
    assert.match(
      predictions[0]!.reason ?? '',
      /^the answer has 60\d{3} bytes, its share of the 96\d{4} bytes that a round has for all models is 4\d{4}$/,
    );
    assert.equal(predictions[0]!.runner_status, 'SUCCESS');
  });

  it('is a skipped round with the numbers when there are more models than fit', () => {
    const fitted = fitRound(round(Array.from({ length: 6_000 }, () => [0, 'x'] as const)), stock);
    assert.ok(fitted.type === 'RoundSkipped');
    assert.match(fitted.data.reason, /^6000 models .* do not fit in the 96\d{4} bytes of a round: .*partitions$/);
    assert.equal(fitted.id, roundId(0, 'BTC', minute(1)));
  });

  it('fits any predictions, and so does the round once it is scored, however much a scorer repeats', () =>
    fc.assert(
      fc.property(fc.array(note, { minLength: 1, maxLength: 60 }), limits, fc.nat({ max: 2 }), (notes, limit, echo) => {
        const fitted = fitRound(round(notes), limit);
        assertStored(fitted, limit);
        assert.ok(fitted.type === 'RoundPredicted' && fitted.data.predictions.length === notes.length);
        const pending = fitted.data.predictions.filter(({ status }) => status === 'PENDING');
        const results = Object.fromEntries(
          pending.map(({ model_id, inference_output }) => [
            model_id,
            echo === 0 ? { value: 1 } : { value: 1, ...inference_output },
          ]),
        );
        const given = scored({ at: 1, results });
        const outcomes = given.data.outcomes.map((outcome, i) => ({
          ...outcome,
          inference_output: pending[i]!.inference_output,
        }));
        const truth = echo === 2 ? { price: 1, candles: text(900_000) } : { price: 1 };
        const done = fitScored(RoundScored.at(given.at, { ...given.data, ground_truth: truth, outcomes }), limit);
        assertStored(done, limit);
        assert.equal(done.data.outcomes.length, outcomes.length);
        for (const outcome of done.data.outcomes) {
          if (outcome.outcome === 'scored') assert.equal(outcome.inference_output.value, 0.1);
          else assert.match(outcome.failed_reason ?? '', /bytes/);
        }
      }),
      { numRuns: 20 },
    ));

  it('keeps what scores are computed with when the predictions it repeats are too large', () => {
    const notes = Array.from({ length: 15 }, () => [60_000, 'x'] as const);
    const { predictions } = round(notes).data;
    const given = scored({
      at: 1,
      results: Object.fromEntries(predictions.map(({ model_id }) => [model_id, { value: 2, why: text(20_000) }])),
    });
    const outcomes = given.data.outcomes.map((outcome, i) => ({
      ...outcome,
      inference_output: predictions[i]!.inference_output,
    }));
    const done = fitScored(RoundScored.at(given.at, { ...given.data, outcomes }), stock);
    assertStored(done, stock);
    assert.ok(done.data.outcomes.every(({ outcome, result }) => outcome === 'scored' && result?.value === 2));
    assert.deepEqual(done.data.outcomes[0]!.inference_output, { value: 0.1 });
  });
});

const entry = (i: number, metrics: number): RankedEntry => ({
  rank: i + 1,
  model_id: `model-${i}`,
  score: {
    metrics: Object.fromEntries(Array.from({ length: metrics }, (_, k) => [`metric_${k}`, i / (k + 3)])),
    ranking: { key: 'metric_0', value: i / 3, direction: 'desc' },
  },
});
const entries = (count: number, metrics: number) => Array.from({ length: count }, (_, i) => entry(i, metrics));

describe('a ranking', () => {
  it('is split into as many parts as needed, and whole again when they are joined', () =>
    fc.assert(
      fc.property(
        fc.nat({ max: 1_500 }),
        fc.integer({ min: 0, max: 60 }),
        fc.nat({ max: 5 }),
        (count, metrics, virtual) => {
          const data = {
            leaderboard_id: 'LBR',
            cycle_end: minute(1),
            entries: entries(count, metrics),
            ensembles: entries(virtual, metrics),
          };
          const parts = fitRanking(LeaderboardRanked.at(minute(1), data), tight);
          for (const part of parts) assertStored(part, tight);
          assert.deepEqual(
            parts.flatMap((part) => part.data.entries),
            data.entries,
          );
          assert.deepEqual(
            parts.flatMap((part) => part.data.ensembles),
            data.ensembles,
          );
          assert.equal(new Set(parts.map(({ id }) => id)).size, parts.length);
          if (parts.length === 1) assert.deepEqual(Object.keys(parts[0]!.data), Object.keys(data));
          else
            assert.deepEqual(
              parts.map(({ data: { part, parts: all } }) => [part, all]),
              parts.map((_, i) => [i + 1, parts.length]),
            );
        },
      ),
      { numRuns: 8 },
    ));

  it('leaves out weights that do not fit', () => {
    const weights = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`model-${i}`, 1 / 60_000]));
    const fitted = fitWeights(EnsembleWeighted.at(minute(1), { name: 'e', cycle_end: minute(1), weights }), stock);
    assertStored(fitted, stock);
    assert.match(
      fitted.data.unavailable ?? '',
      /^the weights of 60000 models have \d+ bytes, an event has room for \d+/,
    );
  });
});

describe('a summary', () => {
  it('keeps numbers before texts, and names what it leaves out', () =>
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 60_000 }), { maxLength: 60 }), (lengths) => {
        const summary: JsonObject = {
          ...Object.fromEntries(lengths.map((length, i) => [`text_${i}`, text(length)])),
          value: 1.5,
        };
        const { result_summary, unavailable } = fitSummary({ result_summary: summary, unavailable: {} }, small);
        assert.ok(jsonBytes({ result_summary, unavailable }) <= dataRoom(small) * 0.8);
        assert.equal(result_summary.value, 1.5);
        const isWhole = Object.keys(result_summary).length === Object.keys(summary).length;
        assert.equal(unavailable.result_summary === undefined, isWhole);
      }),
      { numRuns: 20 },
    ));
});

describe('a signal', () => {
  it('names as many members as fit, the heaviest ones', () => {
    const members = Array.from({ length: 12_000 }, (_, i) => ({
      model_id: `model-${i}`,
      value: i / 3,
      weight: (i + 1) / 72_006_000,
    }));
    const signal = EnsembleSignalled.at(minute(1), {
      name: 'e',
      model_id: '__ensemble_e__',
      prediction_id: 'p',
      scope_key: 's',
      scope: {},
      feed: null,
      performed_at: minute(1),
      resolvable_at: minute(3),
      input_id: 'i',
      value: 1,
      members,
      weights_cycle_end: null,
    });
    const { data } = fitSignal(signal, small);
    assertStored({ ...signal, data }, small);
    assert.equal(data.value, 1);
    assert.equal(data.members.length + (data.members_omitted ?? 0), members.length);
    assert.deepEqual(data.members, members.slice(-data.members.length));
    assert.equal(fitSignal(signal, { max_event_bytes: 8_000_000 }), signal);
  });
});

describe('a checkpoint', () => {
  const checkpoint = (count: number, paid: number, metrics: number): CheckpointCreated['data'] => ({
    checkpoint_id: 'CKP',
    period_start: minute(0),
    period_end: minute(1),
    snapshot_count: 1,
    merkle_root: null,
    emission: {
      crunch: '',
      compute_provider_rewards: [],
      data_provider_rewards: [],
      cruncher_rewards: Array.from({ length: paid }, (_, i) => ({
        cruncher_index: i,
        model_id: `model-${i}`,
        reward_pct: 1,
      })),
    },
    ranking: entries(count, metrics).map(({ model_id, rank, score }) => ({
      model_id,
      rank,
      prediction_count: 1,
      snapshot_count: 1,
      result_summary: score.metrics,
    })),
  });
  const by = { ranking_key: 'metric_1', value_field: 'value' };

  it('keeps the values models were ranked by, and every reward', () => {
    const whole = checkpoint(3_000, 10, 14);
    assert.ok(!fits(whole, dataRoom(stock)));
    const many = fitCheckpoint(whole, by, stock);
    assert.ok(many !== null && fits(many, dataRoom(stock)));
    assert.deepEqual([many.ranking.length, many.ranking[5]!.result_summary], [3_000, { metric_1: 5 / 4 }]);
    const crowd = fitCheckpoint(checkpoint(20_000, 10, 3), by, stock);
    assert.ok(crowd !== null && fits(crowd, dataRoom(stock)));
    assert.equal(crowd.ranking.length + (crowd.ranking_omitted ?? 0), 20_000);
    assert.ok(
      crowd.emission.cruncher_rewards.every(
        ({ cruncher_index, model_id }) => crowd.ranking[cruncher_index]?.model_id === model_id,
      ),
    );
    assert.equal(fitCheckpoint(checkpoint(20_000, 20_000, 1), by, stock), null);
  });
});
