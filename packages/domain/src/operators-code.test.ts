/** Operators' functions that sort their inputs, throw values without text, or return values JSON does not keep. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { addToPeriod, startPeriod } from './checkpoints/period.ts';
import { rankPeriod } from './checkpoints/ranking.ts';
import { weigh } from './ensembles/weigh.ts';
import { copyOf, lent } from './lent.ts';
import { snapshotHash } from './merkle/snapshot-hash.ts';
import { metricRegistry } from './metrics/registry.ts';
import { messageOf } from './operators-code.ts';
import { scoreReact, scoreStart } from './scoring/react.ts';
import type { ScoreRules } from './scoring/rules.ts';
import { snapshotReact, snapshotStart } from './snapshots/react.ts';
import { summarise } from './snapshots/summarise.ts';
import { candle, cycleTo, minute, predicted, scored, taken } from './testing/given-events.ts';
import { specification } from './testing/specification.ts';
import { faultOfSignal } from './trading/signals.ts';

describe('a scoring function', () => {
  const rules: ScoreRules = {
    output_type: Type.Object({ value: Type.Number({ default: 0 }) }),
    ground_truth_type: null,
    score_type: Type.Object({ value: Type.Number({ default: 0 }), success: Type.Boolean({ default: true }) }),
    scoring_function: () => ({ value: 1 }),
    resolve_ground_truth: () => ({ profit: 2, steps: [3, 1, 2] }),
    max_ground_truth_staleness_fraction: 0,
  };
  const round = predicted({ at: 1, answers: { a: 1, b: 1, c: 1 } });
  const outcomesBy = (changed: Partial<ScoreRules>) =>
    specification(scoreReact({ ...rules, ...changed }, 0))(scoreStart)
      .when(cycleTo(3, null), [candle(1, 100), round, candle(3, 110)])
      .data('RoundScored')[0]!;

  it('affects no other prediction by changing the ground truth or the prediction', () => {
    const seen: string[] = [];
    const { ground_truth, outcomes } = outcomesBy({
      scoring_function: (answer, truth) => {
        seen.push(JSON.stringify(truth));
        (truth.steps as number[]).sort();
        Object.assign(truth, { profit: Infinity, cache: 5n });
        Object.assign(answer, { value: 7 });
        return { value: 1 };
      },
    });
    assert.deepEqual(seen, Array(3).fill('{"profit":2,"steps":[3,1,2]}'));
    assert.deepEqual(ground_truth, { profit: 2, steps: [3, 1, 2] });
    assert.deepEqual(
      outcomes.map(({ inference_output, result }) => [inference_output.value, result?.value]),
      Array(3).fill([1, 1]),
    );
  });

  it('may cache by ground truth, and return the same object again', () => {
    const known = new WeakMap<object, number>();
    const result = { value: 0, truth: {} };
    const { outcomes } = outcomesBy({
      scoring_function: (_, truth) => {
        known.set(truth, (known.get(truth) ?? 0) + 1);
        return Object.assign(result, { value: known.get(truth), truth }) as never;
      },
    });
    assert.deepEqual(
      outcomes.map((one) => one.result?.value),
      [1, 2, 3],
    );
  });

  it('fails its prediction with a reason when it is async, throws a value without text, or returns a map', () => {
    const reason = (scoring_function: unknown) =>
      outcomesBy({ scoring_function: scoring_function as ScoreRules['scoring_function'] }).outcomes[0]?.failed_reason;
    assert.match(reason(async () => ({ value: 1 })) ?? '', /received a promise/);
    assert.match(reason(() => ({ value: 1, by: new Map() })) ?? '', /by: expected a JSON value, received a Map/);
    assert.match(
      reason(() => ({
        get value() {
          throw Object.create(null);
        },
      })) ?? '',
      /^scoring function: it threw/,
    );
  });

  it('receives records that a resolver of the operator cannot change', () => {
    const spoiling = () =>
      outcomesBy({
        resolve_ground_truth: ({ entry: first, records }) => {
          const price = Number(records.at(-1)?.values.close) - Number(first?.values.close);
          for (const record of records) Object.assign(record.values, { close: 0 });
          return { price };
        },
      }).ground_truth;
    assert.deepEqual([spoiling(), spoiling()], [{ price: 10 }, { price: 10 }]);
  });
});

describe('aggregate_snapshot', () => {
  const hashOf = (result_summary: JsonObject) =>
    snapshotHash({
      model_id: 'a',
      period_start: minute(0),
      period_end: minute(1),
      prediction_count: 1,
      result_summary,
    });

  it('is hashed as it is stored', () => {
    const { result_summary, unavailable } = summarise(
      () =>
        ({
          when: new Date(0),
          boxed: Object(5),
          list: Object.assign(new Array(2), { 2: 2 }),
          nested: { gone: undefined, kept: -0 },
          gone: undefined,
          map: new Map([[1, 2]]),
          infinite: Object(Number.POSITIVE_INFINITY),
        }) as never,
      [{}],
    );
    const stored = { when: '1970-01-01T00:00:00.000Z', boxed: 5, list: [null, null, 2], nested: { kept: 0 } };
    assert.deepEqual(JSON.parse(JSON.stringify(result_summary)), stored);
    assert.equal(hashOf(result_summary), hashOf(stored));
    assert.deepEqual(Object.keys(unavailable), ['map', 'infinite']);
  });

  it('gets copies of results, and is refused with a reason when it is async', () => {
    const results = [{ value: 1 }, { value: 2 }];
    const emptying = (given: readonly JsonObject[]) => {
      Object.assign(given[0]!, { value: 9 });
      return { count: (given as JsonObject[]).splice(0).length };
    };
    assert.deepEqual(summarise(emptying, results).result_summary, { count: 2 });
    assert.deepEqual(results, [{ value: 1 }, { value: 2 }]);
    const later = summarise((async () => ({ value: 1 })) as never, results);
    assert.match(later.unavailable.aggregate_snapshot ?? '', /received a promise/);
  });
});

describe('keys of predictions with the names of metrics or fields', () => {
  const aggregation = {
    windows: [{ name: 'hour', hours: 1 }],
    value_field: 'value',
    ranking_key: 'hour',
    ranking_direction: 'desc',
  } as const;

  it('are not taken for windows: a checkpoint ranks by the value the window averages', () => {
    const period = addToPeriod(
      startPeriod,
      [
        taken({ model: 'a', cycle: 1, summary: { value: 2 } }),
        taken({ model: 'b', cycle: 1, summary: { value: 1, hour: 1e300 } }),
        taken({ model: 'c', cycle: 1, summary: { value: true } }),
      ],
      null,
    );
    const ranking = rankPeriod(period, aggregation);
    assert.deepEqual(
      ranking.map(({ model_id, result_summary }) => [model_id, result_summary.value]),
      [
        ['a', 2],
        ['b', 1],
        ['c', undefined],
      ],
    );
  });

  it('are not taken for metrics, also where the metric is unavailable', () => {
    const react = snapshotReact({
      aggregate_snapshot: () => ({ value: 1, ic: 5, other: 2 }),
      aggregation,
      metrics: ['ic'],
      metrics_every: 1,
      cycle_seconds: 60,
    });
    const [snapshot] = specification(react)(snapshotStart)
      .when(cycleTo(4), [scored({ at: 1, results: { a: { value: 1 } } })])
      .data('SnapshotTaken');
    assert.deepEqual(snapshot?.result_summary, { value: 1, other: 2 });
    assert.deepEqual(Object.keys(snapshot?.unavailable ?? {}), ['ic']);
  });
});

describe('other functions of operators', () => {
  it('get copies of members as a strategy and a filter', () => {
    const members = ['a', 'b'].map((model_id) => ({ model_id, predictions: null, metrics: { value: 1 } }));
    const before = structuredClone(members);
    const weighed = weigh(
      {
        strategy: (given) => {
          for (const one of given) Object.assign(one, { model_id: 'x' });
          (given as unknown[]).reverse();
          return [{ model_id: 'a', weight: 1 }];
        },
        filter: (_: string, metrics: object) => Boolean(Object.assign(metrics, { value: 9 })),
      },
      members,
      { ranking_key: 'value', ranking_direction: 'desc' },
    );
    assert.deepEqual(weighed, { weights: { a: 1 } });
    assert.deepEqual(members, before);
  });

  it('may sort their numbers as a metric', () => {
    const numbers = Float64Array.of(3, 1, 2);
    const sorting = metricRegistry({
      median: ({ values, peers }) => {
        (peers()[0]!.predictions as Float64Array).fill(0);
        return (values as Float64Array).sort()[1]!;
      },
    }).get('median')!;
    const input = {
      model_id: 'a',
      predictions: numbers,
      actuals: numbers,
      values: numbers,
      profile: 'default',
    } as const;
    const peers = () => [{ name: 'b', predictions: numbers }];
    assert.equal(sorting({ ...input, peers, ensembles: () => [] }), 2);
    assert.deepEqual([...numbers], [3, 1, 2]);
  });

  it('give a text of bounded length for any value they throw', () => {
    const texts = ['x'.repeat(9_999), Object.create(null), undefined, { toString: () => ({}) }].map(messageOf);
    assert.match(texts[0]!, /^x{500}… \(9999 characters\)$/);
    assert.deepEqual(texts.slice(1), [
      'it threw a value that has no text',
      'undefined',
      'it threw a value that has no text',
    ]);
  });

  it('share a copy until one of them changes it', () => {
    const truth = { list: [1, 2], at: new Date(0), deep: { x: -0 } };
    const take = lent(truth);
    const first = take();
    assert.equal(take(), first);
    for (const change of [
      (value: typeof truth) => value.list.push(3),
      (value: typeof truth) => Object.assign(value.deep, { x: 0 }),
      (value: typeof truth) => Object.assign(value, { [Symbol('kept')]: 1 }),
      (value: typeof truth) => Object.assign(value.list, { sum: 3 }),
      (value: typeof truth) => Reflect.deleteProperty(value, 'at'),
    ]) {
      const before = take();
      change(before);
      assert.notEqual(take(), before);
      assert.deepEqual(take(), truth);
    }
    assert.deepEqual(copyOf(JSON.parse('{"__proto__":{"a":1}}')), JSON.parse('{"__proto__":{"a":1}}'));
  });

  it('choose an action by a text only', () => {
    assert.match(faultOfSignal('order', { action: ['buy'], amount: 1 }) ?? '', /action: expected buy or sell/);
    assert.match(
      faultOfSignal('delta', { direction: ['long'], leverage: 1 }) ?? '',
      /direction: expected long or short/,
    );
    assert.equal(faultOfSignal('order', { action: 'buy', amount: 1 }), null);
  });
});
