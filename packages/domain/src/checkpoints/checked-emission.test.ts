import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckpointRanking, Emission } from '@crunch-node/streams';
import type { EmissionBuilder } from '../crunch-config.ts';
import { tierEmission } from '../emission/tiers.ts';
import { emissionOfPeriod } from './checked-emission.ts';

const entry = (model_id: string, rank: number, value: number): CheckpointRanking => ({
  model_id,
  prediction_count: 10 - rank,
  snapshot_count: 1,
  result_summary: { value },
  rank,
});
const payable = [entry('a', 1, 5), entry('b', 2, 4), entry('c', 3, 3)];
const payees = { crunch_pubkey: 'pk', compute_provider: 'cp', data_provider: null };
const paid = tierEmission(payable, payees);
const decided = (returned: unknown) => emissionOfPeriod(() => returned as Emission, payable, payees);
const refusal = (returned: unknown): string => {
  const result = decided(returned);
  return result.ok ? 'accepted' : result.reason;
};

describe('build_emission', () => {
  it('pays by the recorded ranking even when it sorts or changes its copy', () => {
    const before = structuredClone(payable);
    const reversing: EmissionBuilder = (ranking, to) => tierEmission((ranking as CheckpointRanking[]).reverse(), to);
    const result = emissionOfPeriod(reversing, payable, payees);
    assert.match(result.ok ? '' : result.reason, /^build_emission: expected rewards for models of the ranking/);
    const changing: EmissionBuilder = (ranking, to) => {
      for (const one of ranking as CheckpointRanking[]) Object.assign(one.result_summary, { value: Infinity, x: 1n });
      return tierEmission(ranking, to);
    };
    assert.deepEqual(emissionOfPeriod(changing, payable, payees), { ok: true, emission: paid });
    assert.deepEqual(payable, before);
  });

  it('keeps only the fields of an emission of its result', () => {
    const cyclic: Record<string, unknown> = { ...paid, note: 1n, rate: Number.NaN, crunch: 'somebody else' };
    cyclic.self = cyclic;
    cyclic.cruncher_rewards = paid.cruncher_rewards.map((reward) => ({ ...reward, all: cyclic }));
    assert.deepEqual(decided(cyclic), { ok: true, emission: paid });
  });

  it('pays providers nothing or their whole share', () => {
    const pays = (...parts: number[]) => parts.map((reward_pct, i) => ({ provider: `p${i}`, reward_pct }));
    for (const kind of ['compute_provider_rewards', 'data_provider_rewards']) {
      for (const wrong of [pays(1e9, 1e9), pays(5e8), pays(1)]) {
        assert.match(
          refusal({ ...paid, [kind]: wrong }),
          new RegExp(`^build_emission: ${kind}: .*add up to 0 or 1000000000`),
        );
      }
      for (const right of [pays(), pays(0), pays(1e9), pays(25e7, 75e7)]) {
        assert.equal(refusal({ ...paid, [kind]: right }), 'accepted');
      }
    }
  });

  it('is refused with a reason for every invalid result and every error', async () => {
    const loop: unknown[] = [];
    loop.push(loop);
    assert.match(refusal({ ...paid, crunch: loop }), /crunch: Expected string, received a list$/);
    assert.match(refusal({ ...paid, crunch: 5n }), /received 5$/);
    assert.match(refusal(Promise.reject(new Error('later'))), /received a promise/);
    for (const thrown of [
      Object.create(null),
      { toString: 5 },
      null,
      Symbol('x'),
      Object.assign(new Error(), { message: 5 }),
    ]) {
      const throwing: EmissionBuilder = () => {
        throw thrown;
      };
      const result = emissionOfPeriod(throwing, payable, payees);
      assert.match(result.ok ? '' : result.reason, /^build_emission: ./);
    }
    // An unhandled rejection would end the process here.
    await new Promise(setImmediate);
  });
});
