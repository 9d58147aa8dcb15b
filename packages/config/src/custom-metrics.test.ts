import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from './config-error.ts';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { configHash, serialisablePart } from './serialise.ts';

function faultsOf(definition: CrunchDefinition): readonly string[] {
  try {
    defineCrunch(definition);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.faults;
  }
  return [];
}

describe("an operator's own metrics", () => {
  const custom_metrics = { sharpe: 'mean(scores) / std(scores)', rounds: () => 1 };

  it('can be used like the built-in ones, and one may rank by them', () => {
    const config = defineCrunch({
      custom_metrics,
      metrics: ['ic', 'sharpe', 'rounds'],
      aggregation: { ranking_key: 'sharpe' },
    });
    assert.deepEqual(serialisablePart(config).custom_metrics, {
      sharpe: 'mean(scores) / std(scores)',
      rounds: '<function rounds>',
    });
    assert.notEqual(
      configHash(config),
      configHash(defineCrunch({ ...config, custom_metrics: { ...custom_metrics, sharpe: 'n' } })),
    );
  });

  it('are refused with all their faults and positions', () => {
    assert.deepEqual(
      faultsOf({
        custom_metrics: {
          one: 'mean(scores',
          two: 'predictions[1] +\n pie',
          ic: 'n',
          value: 'n',
          score_recent: 'n',
          'Net PnL': 'n',
          fine: 'n',
        },
      }),
      [
        'custom_metrics.one, line 1, column 12: Parenthesis ) expected',
        'custom_metrics.two, line 1, column 12: an index or a property cannot be used',
        'custom_metrics.two, line 2, column 2: there is no pie; there are predictions, returns, scores, n, pi, e; did you mean "pi"?',
        'custom_metrics.ic: expected a name that is not also that of a built-in metric',
        'custom_metrics.value: expected a name that is not also that of a field of score_type',
        'custom_metrics.score_recent: expected a name that is not also that of a window',
        'custom_metrics: expected a lower-case letter, then at most 63 lower-case letters, digits or _, received "Net PnL" as the name of a metric',
      ],
    );
    assert.match(
      faultsOf({ custom_metrics: { one: 1 as never } })[0] ?? '',
      /^custom_metrics\.one: expected an expression or a function, received 1$/,
    );
  });

  it('are refused in competitions without a series of predictions', () => {
    assert.match(faultsOf({ trading: {}, custom_metrics })[0] ?? '', /^custom_metrics: expected none in a trading/);
  });
});
