import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { percentile, stageLatencies, stampsOf } from './metrics.ts';

const timing = {
  notify_received_us: 1_030,
  data_loaded_us: 1_040,
  models_dispatched_us: 1_050,
  models_completed_us: 3_050,
};
const feed = { received_us: 1_000, normalized_us: 1_010, stored_us: 1_025, ingested_at: 'text' };

describe('timing', () => {
  it('puts the stamps of a record and of its round together', () => {
    const stamps = stampsOf({ timing: { ...timing, persistence_completed_us: 5_201 }, feed });
    assert.deepEqual(stamps, {
      feed_received_us: 1_000,
      feed_normalized_us: 1_010,
      feed_persisted_us: 1_025,
      notify_sent_us: 1_025,
      ...timing,
      callback_started_us: 3_050,
      callback_completed_us: 3_050,
      persistence_completed_us: 5_201,
    });
    const stages = stageLatencies([stamps, stamps]);
    assert.deepEqual(
      stages.map(({ name, step, mean_us, pct_of_total }) => [name, step, mean_us, pct_of_total]),
      [
        ['feed_ingestion', 1, 10, 0.2],
        ['feed_persistence', 2, 15, 0.4],
        ['notify_latency', 3, 5, 0.1],
        ['data_loading', 4, 10, 0.2],
        ['pre_model', 5, 10, 0.2],
        ['model_execution', 6, 2_000, 47.6],
        ['post_model', 7, 0, 0],
        ['callback_execution', 8, 0, 0],
        ['prediction_persistence', 9, 2_151, 51.2],
        ['end_to_end', 'total', 4_201, 100],
      ],
    );
  });

  it('counts a stage where both of its stamps exist, in order', () => {
    const [first] = stageLatencies([
      stampsOf({ timing, feed: null }),
      stampsOf({ timing, feed: { received_us: 9, normalized_us: 8 } }),
    ]);
    assert.deepEqual(first, {
      name: 'feed_ingestion',
      step: 1,
      pct_of_total: null,
      count: 0,
      mean_us: null,
      median_us: null,
      min_us: null,
      max_us: null,
      p95_us: null,
      p99_us: null,
    });
    assert.deepEqual(stageLatencies([]), []);
  });

  it('takes percentiles by the exclusive method, within what was measured', () => {
    assert.equal(percentile([4_201, 4_202], 50), 4_201.5);
    assert.equal(percentile([1, 2, 3, 4], 50), 2.5);
    assert.equal(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 75), 8.25);
    assert.equal(percentile([7], 99), 7);
    assert.equal(percentile([], 99), null);
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 99 }), (values, p) => {
        const found = percentile(
          values.sort((a, b) => a - b),
          p,
        )!;
        assert.ok(found >= values[0]! && found <= values.at(-1)!);
      }),
    );
  });
});
