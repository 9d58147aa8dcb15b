import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contributionWeightedEmission, InvalidContributionWeights } from './contribution-weighted.ts';
import { cliFormat, prizes, rewardRows } from './exports.ts';
import { pctToFrac64, roundHalfEven, shareOut, WHOLE } from './frac64.ts';
import { tierEmission } from './tiers.ts';

const payees = { crunch_pubkey: 'pk', compute_provider: 'cp', data_provider: null };
const field = (n: number, summary = {}) =>
  Array.from({ length: n }, (_, i) => ({ model_id: `m${i + 1}`, rank: i + 1, result_summary: summary }));
const shares = (n: number) =>
  tierEmission(field(n), payees).cruncher_rewards.map(({ reward_pct }) => reward_pct / WHOLE);

describe('parts of a whole', () => {
  it('rounds halves to the even neighbour', () =>
    assert.deepEqual([0.5, 1.5, 2.5, -0.5, -1.5, 2.4].map(roundHalfEven), [0, 2, 2, 0, -2, 2]));

  it('turns percents into parts', () => assert.equal(pctToFrac64(62.5), 625_000_000));

  it('gives the last part to the heavier one of two with the same rounding loss', () =>
    assert.deepEqual(
      shareOut([10527.958816707134, 999999999.9999998, 999999999.9999999], 938_479_527),
      [4940, 469_237_293, 469_237_294],
    ));

  it('always distributes the whole, with no negative share and larger shares for larger weights', () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: WHOLE }),
        (weights, whole) => {
          fc.pre(weights.some((weight) => weight > 1e-300));
          const parts = shareOut(weights, whole);
          assert.equal(
            parts.reduce((sum, part) => sum + part, 0),
            whole,
          );
          for (const [i, part] of parts.entries()) {
            assert.ok(Number.isInteger(part) && part >= 0);
            for (const [j, other] of parts.entries()) if (weights[i]! > weights[j]!) assert.ok(part >= other);
          }
        },
      ),
      { numRuns: 60 },
    ));
});

describe('tiers', () => {
  it('divide unclaimed places among the models there are', () => {
    assert.deepEqual(shares(1), [1]);
    assert.deepEqual(shares(2), [0.625, 0.375]);
    assert.deepEqual(shares(3), [0.5, 0.25, 0.25]);
  });

  it('pay the first ten places and none behind them', () =>
    assert.deepEqual(shares(12), [0.35, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05]));

  it('pay places, not ranks, so that equal ranks cannot claim more than there is', () => {
    const equal = field(20).map((entry) => ({ ...entry, rank: 1 }));
    const { cruncher_rewards } = tierEmission(equal, payees);
    assert.equal(
      cruncher_rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0),
      WHOLE,
    );
    assert.equal(cruncher_rewards[0]?.reward_pct, 350_000_000);
  });

  it('pay providers their whole share, and nothing when there is no provider', () => {
    assert.deepEqual(tierEmission([], payees), {
      crunch: 'pk',
      cruncher_rewards: [],
      compute_provider_rewards: [{ provider: 'cp', reward_pct: WHOLE }],
      data_provider_rewards: [],
    });
  });
});

describe('rewards by contribution', () => {
  it('always sum to the whole, whatever is missing', () => {
    const metric = fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: null });
    const summaries = fc.array(fc.record({ contribution: metric, model_correlation: metric }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(summaries, (given) => {
        const ranking = given.map((result_summary, i) => ({ model_id: `m${i}`, rank: i + 1, result_summary }));
        const { cruncher_rewards } = contributionWeightedEmission()(ranking, payees);
        assert.equal(
          cruncher_rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0),
          WHOLE,
        );
        assert.ok(cruncher_rewards.every(({ reward_pct }) => reward_pct > 0));
      }),
      { numRuns: 50 },
    );
  });

  it('treat a missing metric as the worst value', () => {
    const ranking = [{ contribution: 0.1 }, { contribution: 0.3 }, {}].map((result_summary, i) => ({
      model_id: `m${i}`,
      rank: i + 1,
      result_summary,
    }));
    const only = contributionWeightedEmission({
      rank_weight: 0,
      contribution_weight: 1,
      diversity_weight: 0,
      min_pct: 0,
    });
    assert.deepEqual(
      only(ranking, payees).cruncher_rewards.map(({ model_id }) => model_id),
      ['m1'],
    );
  });

  it('refuse weights that are no shares', () => {
    for (const bad of [{ rank_weight: 0.9 }, { rank_weight: -0.1, contribution_weight: 0.9 }, { min_pct: 101 }]) {
      assert.throws(() => contributionWeightedEmission(bad), InvalidContributionWeights);
    }
  });
});

describe('exports of an emission', () => {
  const ranking = field(3);
  const emission = tierEmission(ranking, payees);
  const checkpoint = { id: 'CKP_1', period_end: '2026-01-08T00:00:00.500000Z', emission, ranking };

  it('name percents by model', () =>
    assert.deepEqual(cliFormat(emission, ranking), {
      crunch: 'pk',
      crunchEmission: { m1: 50, m2: 25, m3: 25 },
      computeProvider: { cp: 100 },
      dataProvider: {},
    }));

  it('pay out the whole prize', () => {
    const paid = prizes(checkpoint, 1001);
    assert.deepEqual(
      paid.map(({ prize }) => prize),
      [501, 250, 250],
    );
    assert.deepEqual([paid[0]?.prizeId, paid[0]?.timestamp], ['CKP_1-m1', 1767830400]);
    assert.deepEqual(
      prizes(checkpoint, 1001, { profile: 'legacy' }).map(({ prize }) => prize),
      [500, 250, 250],
    );
  });

  it('list what each ranked model earned', () =>
    assert.deepEqual(rewardRows(emission, field(4))[3], { model_id: 'm4', rank: 4, reward_pct: null }));
});
