import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAvailable, type MetricInput } from '../metric.ts';
import { spearman } from '../spearman.ts';
import { compileExpression, InvalidExpression } from './compile.ts';

const missing = Number.NaN;
const input = (given: Partial<MetricInput>): MetricInput => ({
  model_id: 'a',
  predictions: [1, -2, 3, missing],
  actuals: [0.5, 0.5, -0.25, 1],
  values: [1, 2, 3, 4],
  peers: () => [],
  ensembles: () => [],
  profile: 'default',
  ...given,
});
const computed = (expression: string, given: Partial<MetricInput> = {}) => compileExpression(expression)(input(given));

function faultsOf(expression: string): string[] {
  try {
    compileExpression(expression);
  } catch (error) {
    assert.ok(error instanceof InvalidExpression, String(error));
    return error.faults.map(({ line, column, text }) => `${line}:${column} ${text}`);
  }
  return [];
}

describe('an expression', () => {
  it('has every operator, for numbers and for each place of vectors', () => {
    const results: Readonly<Record<string, number>> = {
      '7 + 2': 9,
      '7 - 2': 5,
      '-7 - -2 + +1': -4,
      '7 * 2': 14,
      '7 / 2': 3.5,
      '7 ^ 2': 49,
      '-7 % 2': 1,
      '20% * 5': 1,
      '(-8) ^ (1 / 3) > 0 ? 1 : 0': 0,
      '(7 == 7 + 1e-14) + (7 != 8) + (7 < 8) + (7 <= 7) + (8 > 7) + (8 >= 9)': 5,
      '(1 and 2) + (1 and 0) + (0 or 3) + (0 or 0) + (1 xor 0) + (1 xor 2) + not 0': 4,
      '1 < 2 < 3 ? pi : e': Math.PI,
      'sum(predictions .* scores ./ scores) + sum(predictions .^ 2)': 2 + 14,
      'sum((predictions > 0) and (scores > 1)) + sum((predictions > 0) or (scores > 1)) + sum(not predictions)': 1 + 3,
    };
    for (const [expression, expected] of Object.entries(results)) {
      assert.equal(computed(expression), expected, expression);
    }
    // The first operand decides, so that the second one, a vector, is not looked at.
    assert.match(faultsOf('sum(1 or predictions > 0)')[0] ?? '', /expected a vector, received true/);
  });

  it('computes over predictions, returns, scores and n', () => {
    assert.equal(computed('mean(scores) / n'), 2.5 / 4);
    assert.equal(computed('mean(where(predictions >= 0, returns, -returns))'), (0.5 - 0.5 - 0.25) / 3);
    assert.equal(computed('mean((predictions >= 0) == (returns >= 0))'), 1 / 3);
    assert.equal(computed('sum(predictions .* returns)'), 0.5 - 1 - 0.75);
    assert.equal(computed('predictions * returns'), 0.5 - 1 - 0.75);
    assert.equal(computed('n'), 3);
    assert.equal(computed('n > 100 ? 1 : -1'), -1);
    assert.equal(computed('max(scores) - min(scores) + max(min(3, 2), 1)'), 5);
  });

  it('can express the built-in metrics', () => {
    const [predictions, actuals] = [Float64Array.of(3, 1, 3, 2), Float64Array.of(1, 5, 2, 2)];
    assert.equal(
      computed('spearman(predictions, returns)', { predictions, actuals }),
      spearman(predictions, actuals, 'default'),
    );
    assert.equal(
      computed('min(min(cumsum(scores) - max(cummax(cumsum(scores)), 0)), 0)', { values: [1, -3, 1, -1] }),
      -3,
    );
    assert.equal(computed('mean(abs(diff(predictions)))'), 4);
    assert.equal(computed('sum(predictions - lag(predictions)) - last(predictions)'), 0);
    assert.equal(computed('first(predictions - lag(predictions)) - first(predictions)'), 0);
    assert.equal(computed('quantile(scores, 0.25) + median(scores)'), 1.75 + 2.5);
  });

  it('leaves out rounds in which something it uses is missing, and only those', () => {
    assert.equal(computed('n + 0 * sum(scores)'), 4);
    assert.equal(computed('n + 0 * sum(scores) + 0 * sum(predictions)'), 3);
  });

  it('is unavailable with a reason when there is no round or no finite number', () => {
    assert.deepEqual(computed('mean(scores)', { values: [] }), { unavailable: 'no round with a number for scores' });
    assert.deepEqual(computed('mean(scores) / 0', { values: [1] }), { unavailable: 'the result is Infinity' });
    assert.deepEqual(computed('sqrt(-n)'), { unavailable: 'the result is NaN' });
    assert.deepEqual(computed('(-n) ^ 0.5'), { unavailable: 'the result is NaN' });
  });

  it('has no correlation of a constant series, unless 0 is configured', () => {
    for (const name of ['corr', 'spearman']) {
      const flat = { predictions: [2, 2, 2], actuals: [1, 2, 3] };
      const metric = `${name}(predictions, returns)`;
      assert.deepEqual(computed(metric, flat), { unavailable: 'the result is NaN' });
      assert.equal(computed(metric, { ...flat, constant_series: 'zero' }), 0);
    }
    const large = { predictions: [1e100, -1e100, 1e99], actuals: [1e100, -1e100, 1e99] };
    assert.ok(Math.abs((computed('corr(predictions, returns)', large) as number) - 1) < 1e-12);
  });

  it('gives the same result every time and changes none of its inputs', () => {
    const values = Float64Array.of(3, 1, 2);
    const metric = compileExpression('median(scores) + sum(rank(scores))');
    assert.deepEqual(
      [1, 2, 3].map(() => metric(input({ values }))),
      [5, 5, 5],
    );
    assert.deepEqual([...values], [3, 1, 2]);
  });

  it('is refused with the position of its fault', () => {
    assert.deepEqual(faultsOf('mean(scores'), ['1:12 Parenthesis ) expected']);
    assert.deepEqual(faultsOf('mean(scores) /\n  * 2'), ['2:3 Value expected']);
    assert.match(faultsOf('mean(scores) + random()')[0]!, /^1:16 there is no function random; there are abs, /);
    assert.match(
      faultsOf('mean(prices)')[0]!,
      /^1:6 there is no prices; there are predictions, returns, scores, n, pi, e$/,
    );
    assert.match(faultsOf('1 + mean')[0]!, /^1:5 mean is a function, write mean\(…\)/);
    assert.deepEqual(faultsOf('dot(scores)'), ['1:1 expected 2 operands for dot, received 1']);
    assert.deepEqual(faultsOf(' '), ['1:1 expected an expression, received none']);
    assert.deepEqual(faultsOf('predictions - mean(predictions)'), [
      '1:1 tried on sample rounds: expected a number, the result is a vector of 24',
    ]);
    assert.deepEqual(faultsOf('n > 3'), ['1:1 tried on sample rounds: expected a number, the result is true']);
  });

  it('is refused with all its faults at once, in the order of the text', () => {
    assert.deepEqual(
      faultsOf('random() + scores[1] + foo').map((fault) => fault.split(';')[0]),
      ['1:1 there is no function random', '1:18 an index or a property cannot be used', '1:24 there is no foo'],
    );
  });

  it('reaches nothing but what it is given', () => {
    for (const expression of [
      'x = 1',
      'f(x) = f(x)',
      'predictions[1]',
      'scores.constructor',
      'mean.constructor("return process")()',
      'cos.constructor',
      '[1, 2]',
      'sum([1, 2])',
      'sum(1:1e9)',
      'ones(100000, 100000)',
      '{ a: 1 }',
      '"text"',
      'n; n',
      'n\nn',
      "scores'",
      'scores!',
      'n & 1',
      '5 cm',
      'n to m',
      'i',
      'Infinity',
      'null',
      'evaluate("1")',
      'parse("1")',
      'import(1)',
      'createUnit("a")',
      'config(1)',
      'random()',
      'randomInt(3)',
      'pickRandom(scores)',
      'map(scores, sqrt)',
      'constructor(1)',
      'toString()',
      '__proto__',
      'hasOwnProperty(1)',
      `${'n+'.repeat(600)}n`,
      `${'n+'.repeat(150)}n`,
      `${'('.repeat(400)}n${')'.repeat(400)}`,
    ]) {
      const faults = faultsOf(expression);
      assert.ok(faults.length > 0, `${expression.slice(0, 40)} was accepted`);
      for (const fault of faults) assert.match(fault, /^\d+:\d+ \S/);
    }
  });

  it('refuses or computes, whatever the text', () => {
    const word = fc.constantFrom(
      ...'predictions returns scores n pi mean sum std where dot rank min ( ) , + - * / .* ^ > == and ? : 1 0.5 random [ ] = ;'.split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        let metric: ReturnType<typeof compileExpression>;
        try {
          metric = compileExpression(words.join(' '));
        } catch (error) {
          assert.ok(error instanceof InvalidExpression, String(error));
          return;
        }
        try {
          const value = metric(input({}));
          assert.ok(isAvailable(value) ? Number.isFinite(value) : value.unavailable.length > 0);
        } catch (error) {
          assert.ok(error instanceof Error); // the caller names it as the reason
        }
      }),
      { numRuns: 300 },
    );
  });
});
