/** Extreme predictions passed through all pure stages, from rounds to leaderboards and checkpoints. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '@crunch-node/streams';
import fc from 'fast-check';
import { contributionWeightedEmission } from './emission/contribution-weighted.ts';
import { tierEmission } from './emission/tiers.ts';
import { assertSane, chainRules, runChain } from './testing/chain.ts';
import { hostileNumber } from './testing/hostile-numbers.ts';

const answer = fc.oneof(
  { weight: 6, arbitrary: hostileNumber.map((value): Json => ({ value })) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => value as Json) },
);
const cycles = fc.array(fc.array(answer, { minLength: 4, maxLength: 4 }), {
  minLength: 3,
  maxLength: 9,
});
const steady = Array.from({ length: 12 }, (_, i) => 100 + ((i * 37) % 11));

describe('a competition with extreme predictions', () => {
  it('never throws, gives only numbers of JSON, and pays the models that are ranked', () =>
    fc.assert(
      fc.property(
        cycles,
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.constantFrom('hour', 'ic', 'own', 'contribution'),
        fc.boolean(),
        (given, direction, key, byContribution) => {
          const config = chainRules(direction, key);
          assertSane(
            runChain(given, steady, config, byContribution ? contributionWeightedEmission() : tierEmission),
            config,
          );
        },
      ),
      { numRuns: 30 },
    ));

  it('keeps every digit of the others when one model predicts values too large to sum', () => {
    const config = chainRules('desc', 'contribution');
    const good = Array.from({ length: 6 }, (_, i) => [0.5 - i / 10, -0.2 + i / 7, (i % 3) / 5]);
    const rising = Array.from({ length: 8 }, (_, i) => 100 * 1.02 ** i + (i % 3));
    const others = (answerOf: (i: number) => Json | undefined) => {
      const all = good.map((answers, i) => [...answers.map((value): Json => ({ value })), answerOf(i)]);
      const chain = runChain(all, rising, config);
      assertSane(chain, config);
      return JSON.stringify([chain.taken.filter(({ data }) => data.model_id !== 'd'), chain.signals]);
    };
    const without = others(() => undefined);
    for (const size of [1.001e12, 1e16, 1e17, 1e20, 1e99, 1e100]) {
      assert.equal(
        others((i) => ({ value: i % 2 === 0 ? size : -size })),
        without,
        `${size}`,
      );
    }
  });

  it('is unchanged for the others by a model with unusable numbers', () => {
    const config = { ...chainRules('desc', 'hour'), checkpoint_interval_seconds: 600 };
    const good = Array.from({ length: 8 }, (_, i) => [0.5 - i / 10, -0.2 + i / 7, (i % 3) / 5]);
    const rising = Array.from({ length: 12 }, (_, i) => 100 * 1.02 ** i + (i % 3));
    const [without, withHuge] = ([null, 1.5e307] as const).map((huge) =>
      runChain(
        good.map((answers) => [...answers, huge].map((one) => (one === null ? undefined : { value: one }))),
        rising,
        config,
      ),
    ) as [ReturnType<typeof runChain>, ReturnType<typeof runChain>];
    assertSane(withHuge, config);
    const others = ({ taken, signals: combined }: ReturnType<typeof runChain>) =>
      JSON.stringify([taken.filter(({ data }) => data.model_id !== 'd'), combined]);
    assert.equal(others(withHuge), others(without));
    const ranking = (of: ReturnType<typeof runChain>) =>
      of.ranked.filter((event) => event.type === 'LeaderboardRanked').at(-1)!;
    const entries = ranking(withHuge).data.entries;
    assert.deepEqual(entries.slice(0, 3), ranking(without).data.entries);
    assert.deepEqual([entries[3]!.model_id, entries[3]!.score.ranking.value], ['d', null]);
    assert.match(entries[3]!.score.unavailable?.hour ?? '', /beyond the range/);
    const last = withHuge.paid.at(-1)!.data;
    assert.ok(!last.emission.cruncher_rewards.some(({ model_id }) => model_id === 'd'));
  });
});
