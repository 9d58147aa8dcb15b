import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeedRecorded } from '@crunch-node/streams';
import { checkpointsProjection } from './checkpoints/projection.ts';
import { configurationsProjection } from './configurations/projection.ts';
import type { Projection } from './define-projection.ts';
import { feedsProjection } from './feeds/projection.ts';
import { leaderboardsProjection } from './leaderboards/projection.ts';
import { modelsProjection } from './models/projection.ts';
import { predictionsProjection } from './predictions/projection.ts';
import { scoresProjection } from './scores/projection.ts';
import { snapshotsProjection } from './snapshots/projection.ts';
import { recorded, sampleLog } from './testing/index.ts';

const sample = sampleLog(10);

/** The events of the projection's stream, as it would read them. */
function rowsOf<P extends Projection>(projection: P, twice = false) {
  const mine = sample.filter(({ stream }) => stream.name === projection.stream.name);
  const measured = new Map(mine.map(({ event, obs }) => [event.id, obs]));
  const events = mine.map(({ event }) => event);
  const batch = recorded(twice ? [...events, ...events] : events, ({ id }) => measured.get(id));
  return projection.apply(batch as never, {}).rows as ReturnType<P['apply']>['rows'];
}

describe('rows of a batch', () => {
  it('feeds: one row per record, with its own time and when it was received', () => {
    const { feed_records } = rowsOf(feedsProjection);
    assert.equal(feed_records.length, 10);
    assert.deepEqual(feed_records[0], {
      source: 'binance',
      subject: 'BTCUSDT',
      kind: 'candle',
      granularity: '1m',
      ts_event: '2026-11-21T19:00:00.000000Z',
      ordinal: '',
      record_id: 'feed:binance:BTCUSDT:candle:1m:1795287600000',
      at: '2026-11-21T19:01:00.000000Z',
      late: false,
      values: { open: 101, high: 103, low: 100, close: 102.5, volume: 3 },
      metadata: null,
      ts_ingested: '2026-11-21T19:01:00.250000Z',
      obs: { ingested_at: '2026-11-21T19:01:00.250000Z' },
      log_sequence: 1,
    });
  });

  it('feeds: a record after the closing of its own time is kept and marked', () => {
    const { feed_records } = rowsOf(feedsProjection, true);
    assert.deepEqual(
      feed_records.map(({ late }) => late),
      [...Array(10).fill(false), ...Array(10).fill(true)],
    );
  });

  it('feeds: an ordinal that no index takes is kept as its beginning and a hash', () => {
    const [first] = sample.filter(({ event }) => event.type === 'FeedRecorded');
    const given = first!.event as FeedRecorded;
    const withOrdinal = (ordinal: string) => FeedRecorded.at(given.at, { ...given.data, ordinal });
    const long = 'é'.repeat(12_000);
    const ordinals = ['17', 'x'.repeat(2_000), `${long}1`, `${long}2`, `${'x'.repeat(199)}😀${long}`];
    const { rows } = feedsProjection.apply(recorded(ordinals.map(withOrdinal)) as never, {});
    const kept = rows.feed_records.map(({ ordinal }) => ordinal);
    assert.deepEqual(kept.slice(0, 2), ordinals.slice(0, 2));
    assert.match(kept[2]!, /^é{200}…sha256:[0-9a-f]{64}$/);
    assert.equal(new Set(kept).size, ordinals.length);
    for (const one of kept) assert.ok(Buffer.byteLength(one) <= 2_000 && one.isWellFormed());
  });

  it('models: the newest name, and the state of each', () => {
    const { models, model_states } = rowsOf(modelsProjection);
    assert.deepEqual(models[0], {
      model_id: '1',
      partition: 0,
      deployment_id: 'dep1',
      model_name: 'model-1',
      cruncher_id: 'p1',
      cruncher_name: 'Player 1',
    });
    assert.deepEqual(
      model_states.map(({ model_id, state, failure_code }) => [model_id, state, failure_code]),
      [
        ['1', 'running', null],
        ['2', 'running', null],
        ['10', 'running', null],
        ['10', 'failed', 'MULTIPLE_TIMEOUT'],
      ],
    );
  });

  it('configurations: the schedule with ids', () => {
    const { config_activations, scheduled_configs } = rowsOf(
      configurationsProjection((entry) => `ID_${entry.scope_key}`),
    );
    assert.equal(config_activations[0]?.pace, 'replay');
    assert.deepEqual(
      scheduled_configs.map(({ config_id, revision, position, active }) => [config_id, revision, position, active]),
      [['ID_BTCUSDT-120', 0, 0, true]],
    );
  });

  it('predictions: a round once and a row per model, skipped rounds with their reason', () => {
    const { rounds, predictions } = rowsOf(predictionsProjection);
    assert.equal(rounds.length, 10);
    assert.equal(predictions.length, 27);
    assert.equal(rounds[6]?.skipped_reason, 'too old');
    assert.deepEqual(
      predictions
        .slice(0, 3)
        .map(({ model_id, status, exec_time_ms, reason }) => [model_id, status, exec_time_ms, reason]),
      [
        ['1', 'PENDING', 1.25, null],
        ['2', 'PENDING', 2.5, null],
        ['10', 'ABSENT', null, 'not connected'],
      ],
    );
  });

  it('scores: one row per outcome, its value only when there is one', () => {
    const { scored_rounds, scores } = rowsOf(scoresProjection);
    assert.equal(scored_rounds.length, 7);
    assert.deepEqual(
      scores.slice(0, 2).map(({ outcome, value, failed_reason }) => [outcome, value, failed_reason]),
      [
        ['scored', 1 / 800, null],
        ['failed', null, 'division by zero'],
      ],
    );
    assert.equal(scores.find(({ outcome }) => outcome === 'expired')?.failed_reason, 'no feed record in the window');
  });

  it('snapshots: one row per model and cycle, and the chain', () => {
    const { snapshots, merkle_cycles } = rowsOf(snapshotsProjection);
    assert.equal(snapshots.length, 14);
    assert.equal(merkle_cycles.length, 7);
  });

  it('leaderboards: models and ensembles apart', () => {
    const { leaderboards, leaderboard_entries } = rowsOf(leaderboardsProjection);
    assert.equal(leaderboards.length, 7);
    assert.deepEqual(
      leaderboard_entries.slice(0, 4).map(({ kind, rank, model_id }) => [kind, rank, model_id]),
      [
        ['model', 1, '2'],
        ['model', 2, '1'],
        ['model', 3, 'unheard-of'],
        ['ensemble', 1, '__ensemble_main__'],
      ],
    );
  });

  it('checkpoints: steps are rows of their own, and follow commands rather than cycles', () => {
    const { checkpoints, checkpoint_transitions } = rowsOf(checkpointsProjection);
    assert.deepEqual(
      checkpoints.map(({ checkpoint_id }) => checkpoint_id),
      ['CKP_first', 'CKP_second'],
    );
    assert.deepEqual(
      checkpoint_transitions.map(({ status, tx_hash }) => [status, tx_hash]),
      [
        ['SUBMITTED', '0xabc'],
        ['CLAIMABLE', null],
        ['PAID', null],
      ],
    );
  });
});

describe('an event of a cycle its writer has closed', () => {
  const once = (projection: Projection) => Object.values(rowsOf(projection)).map((rows) => rows.length);
  const again = (projection: Projection) => Object.values(rowsOf(projection, true)).map((rows) => rows.length);

  for (const projection of [predictionsProjection, scoresProjection, snapshotsProjection, leaderboardsProjection]) {
    it(`is ignored by ${projection.name}`, () => {
      assert.deepEqual(again(projection as Projection), once(projection as Projection));
    });
  }
});
