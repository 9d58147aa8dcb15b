import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, RoundScored, SnapshotEvent } from '@crunch-node/streams';
import fc from 'fast-check';
import { builtInMetrics } from '../metrics/registry.ts';
import { cycleTo, scored } from '../testing/given-events.ts';
import { assertInRange } from '../testing/metric-ranges.ts';
import { assertFinite, bytes } from '../testing/specification.ts';
import { aggregateSnapshot } from './aggregate.ts';
import { type SnapshotState, snapshotReact, snapshotStart } from './react.ts';

const react = snapshotReact({
  aggregate_snapshot: aggregateSnapshot,
  aggregation: {
    windows: [{ name: 'hour', hours: 1 }],
    value_field: 'value',
    ranking_key: 'hour',
    ranking_direction: 'desc',
  },
  metrics: [...builtInMetrics.keys(), 'sharpe', 'length'],
  custom_metrics: {
    sharpe: 'mean(scores) / std(scores) + spearman(predictions, returns)',
    length: ({ predictions }) => predictions.length,
  },
  metrics_every: 2,
  cycle_seconds: 60,
  ensembles: [{ name: 'e', strategy: 'equal_weight', filter: null, output_field: 'value', enabled: true }],
});

const MODELS = ['10', '9x', 'b', '__proto__', '__ensemble_e__', '𐐷'];
const number = fc.oneof(
  fc.double({ min: -1e300, max: 1e300, noNaN: true }),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(-0, 5e-324, 1e308),
);
/** A model's prediction and score in a round; null: none. */
const values = fc.option(fc.tuple(number, number, number), { nil: null, freq: 4 });
const round = fc.record({
  scope: fc.constantFrom('s', 't'),
  answers: fc.array(values, { minLength: MODELS.length, maxLength: MODELS.length }),
});
/** Rounds of each cycle. */
const cycles = fc.array(fc.array(round, { maxLength: 3 }), { minLength: 1, maxLength: 7 });

type Given = readonly (readonly { scope: string; answers: readonly (readonly number[] | null)[] }[])[];

/** One round for each partition, with the models that belong to it. */
const roundsOf = (given: Given[number], cycle: number): RoundScored[] =>
  given.flatMap(({ scope, answers }, i) =>
    [0, 1, 2].map((partition) => {
      const own = MODELS.map((id, m) => [id, answers[m] ?? null] as const).filter((_, m) => m % 3 === partition);
      const results = own.map(([id, answer]): [string, Record<string, Json> | null] => [
        id,
        answer === null ? null : { value: answer[1] as number, actual_return: answer[2] as number, success: true },
      ]);
      const outputs = own.flatMap(([id, answer]) => (answer === null ? [] : [[id, answer[0] as number] as const]));
      return scored({
        at: 10 * cycle + i,
        scope,
        partition,
        results: Object.fromEntries(results),
        outputs: Object.fromEntries(outputs),
      });
    }),
  );

function run(
  given: Given,
  arrival: (rounds: RoundScored[]) => RoundScored[],
  kept: (state: SnapshotState) => SnapshotState,
): SnapshotEvent[] {
  let state = snapshotStart;
  return given.flatMap((rounds, i) => {
    const cycle = cycleTo(10 * i + 12, i === 0 ? null : 10 * i + 2);
    const reaction = react(kept(state), cycle, arrival(roundsOf(rounds, i)));
    state = reaction.state;
    return [...reaction.events];
  });
}

const inOrder = (rounds: RoundScored[]): RoundScored[] => rounds;
const asIs = (state: SnapshotState): SnapshotState => state;

describe('snapshot, whatever was scored', () => {
  // One property, since taking the snapshots is the work: all its parts are compared with the same ones.
  it('holds only JSON values, metrics in their ranges, and the same bytes in any order and without earlier orders', () =>
    fc.assert(
      fc.property(cycles, fc.infiniteStream(fc.nat()), (given, dice) => {
        const events = run(given, inOrder, asIs);
        assertFinite(events);
        for (const event of events) {
          if (event.type !== 'SnapshotTaken') continue;
          for (const [name, value] of Object.entries(event.data.result_summary)) assertInRange(name, value);
        }
        const shuffled = (rounds: RoundScored[]): RoundScored[] =>
          rounds
            .map((one) => ({ one, rank: dice.next().value as number }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ one }) => ({ ...one, data: { ...one.data, outcomes: [...one.data.outcomes].reverse() } }));
        assert.equal(bytes(run(given, shuffled, asIs)), bytes(events), 'in another order');
        const without = run(given, inOrder, (state) => ({ ...state, orders: [] }));
        assert.equal(bytes(without), bytes(events), 'without the shared work and earlier orders');
      }),
    ));
});
