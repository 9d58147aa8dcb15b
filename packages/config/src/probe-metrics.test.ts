import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { probeConfig } from './probe.ts';

const warningsOf = (custom_metrics: Record<string, unknown>): readonly string[] =>
  probeConfig(
    defineCrunch({ custom_metrics: custom_metrics as NonNullable<CrunchDefinition['custom_metrics']> }),
  ).warnings.filter((warning) => warning.startsWith('custom_metrics'));

describe("an operator's own metrics", () => {
  const faulty: readonly [title: string, metric: unknown, RegExp][] = [
    ['throws', ({ returns }: { returns: number[] }) => returns.length, /own threw when tried: .*undefined/],
    ['returns nothing', () => undefined, /own returned nothing, expected a number or/],
    ['returns a text', () => '0.5', /own returned "0.5", expected a number/],
    ['returns an object', () => ({ value: 1 }), /own returned an object with value, expected a number/],
    ['returns a promise', async () => 1, /own threw when tried: .*cannot be async/],
    ['divides by zero', () => Number.NaN, /own returned NaN, expected a finite number/],
    ['overflows', () => Number.POSITIVE_INFINITY, /own returned Infinity/],
  ];
  for (const [title, metric, text] of faulty) {
    it(`is warned about where it ${title}`, () => {
      const warnings = warningsOf({ own: metric, fine: () => 1 });
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', text);
    });
  }

  it('is tried on numbers of every kind, and passes with a number or a reason', () => {
    const seen: number[] = [];
    const metric = (
      input: Record<'predictions' | 'actuals' | 'values', number[]> &
        Record<'peers' | 'ensembles', () => { predictions: number[] }[]>,
    ) => {
      const all = [
        input.predictions,
        input.actuals,
        input.values,
        ...input.peers().map((one) => one.predictions),
        input.ensembles()[0]!.predictions,
      ];
      seen.push(...all.map((numbers) => new Set(numbers).size));
      return all[0]!.reduce((sum, value) => sum + value, 0) / all[1]!.length;
    };
    assert.deepEqual(
      warningsOf({ metric, other: () => ({ unavailable: 'too few rounds' }), text: 'mean(scores)' }),
      [],
    );
    assert.ok(seen.length === 7 && seen.every((distinct) => distinct > 20), String(seen));
  });
});
