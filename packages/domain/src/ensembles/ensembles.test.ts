import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { combine } from './combine.ts';
import { filterMembers } from './filters.ts';
import { momentsOf } from './moments.ts';
import { builtInStrategies, type EnsembleMember } from './strategies.ts';

const member = (
  model_id: string,
  metrics: EnsembleMember['metrics'],
  values: readonly number[] = [],
): EnsembleMember => ({ model_id, metrics, predictions: momentsOf(values) });
const ids = (members: readonly EnsembleMember[]) => members.map(({ model_id }) => model_id);
const byLoss = { ranking_key: 'loss', ranking_direction: 'asc' } as const;

describe('an ensemble', () => {
  it('has weights that sum to 1, whatever its members predicted', () => {
    const members = fc.array(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 20 }), {
      minLength: 1,
      maxLength: 30,
    });
    for (const [name, strategy] of builtInStrategies) {
      fc.assert(
        fc.property(members, (given) => {
          const weights = strategy(given.map((values, i) => member(`m${i}`, {}, values)));
          assert.equal(weights.length, given.length, name);
          assert.ok(Math.abs(weights.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
          assert.ok(weights.every(({ weight }) => weight >= 0));
        }),
      );
    }
  });

  it('keeps the best by the ranking, in the order of the members', () => {
    const members = [member('a', { loss: 3 }), member('b', {}), member('c', { loss: 1 }), member('d', { loss: 2 })];
    assert.deepEqual(ids(filterMembers(members, { type: 'top_n', n: 2 }, byLoss)), ['c', 'd']);
    assert.deepEqual(ids(filterMembers(members, { type: 'top_n', n: 9 }, byLoss)), ['a', 'c', 'd']);
    assert.deepEqual(ids(filterMembers(members, null, byLoss)), ['a', 'b', 'c', 'd']);
  });

  it('leaves out models without the metric that decides', () => {
    const members = [member('a', { ic: -1 }), member('b', {}), member('c', { ic: 0.5 })];
    assert.deepEqual(ids(filterMembers(members, { type: 'min_metric', name: 'ic', threshold: -2 }, byLoss)), [
      'a',
      'c',
    ]);
    assert.deepEqual(ids(filterMembers(members, { type: 'custom', keep: (id) => id === 'b' }, byLoss)), ['b']);
  });

  it('is the weighted mean of the members that are present', () => {
    assert.equal(
      combine([
        { value: 10, weight: 0.3 },
        { value: 20, weight: 0.1 },
      ]),
      12.5,
    );
    assert.equal(combine([]), null);
    assert.equal(combine([{ value: 1, weight: 0 }]), null);
  });
});
