import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type UpgradeFacts, upgradePlan } from './plan.ts';

const same: UpgradeFacts = {
  version: '1.0.0',
  active: { hash: 'abc', partitions: 8 },
  own: { hash: 'abc', partitions: 8 },
  streams: [{ stream: 'SCORES', type: 'RoundScored', recorded: 2, current: 2 }],
  outdated: [],
};

const states = (facts: UpgradeFacts) => upgradePlan(facts).map(({ about, state }) => `${about} ${state}`);

describe('the plan of an upgrade', () => {
  it('has nothing to do where everything is the same', () =>
    assert.deepEqual(states(same), ['configuration ok', 'streams ok', 'read models ok']));

  const cases: readonly [string, Partial<UpgradeFacts>, string, RegExp][] = [
    ['another hash', { own: { hash: 'def', partitions: 8 } }, 'configuration todo', /crunch-node activate/],
    ['nothing active', { active: null }, 'configuration todo', /none is active/],
    [
      'other partitions',
      { own: { hash: 'def', partitions: 4 } },
      'configuration blocked',
      /expected partitions 8.*received 4/,
    ],
    [
      'old events',
      { streams: [{ stream: 'S', type: 'A', recorded: 1, current: 2 }] },
      'streams todo',
      /S A 1 \(here 2\)/,
    ],
    [
      'newer events',
      { streams: [{ stream: 'S', type: 'A', recorded: 3, current: 2 }] },
      'streams blocked',
      /newer release than 1\.0\.0/,
    ],
    [
      'unknown events',
      { streams: [{ stream: 'S', type: 'B', recorded: 1, current: null }] },
      'streams blocked',
      /here unknown/,
    ],
    ['an old read model', { outdated: ['scores'] }, 'read models todo', /crunch-node replay rebuilds scores/],
    ['no Postgres', { outdated: null }, 'read models todo', /doctor/],
  ];
  for (const [title, change, expected, detail] of cases) {
    it(`names what ${title} needs`, () => {
      const step = upgradePlan({ ...same, ...change }).find(({ about, state }) => `${about} ${state}` === expected);
      assert.match(step?.detail ?? '', detail);
    });
  }
});
