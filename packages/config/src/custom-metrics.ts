import {
  builtInMetrics,
  type CommonConfig,
  InvalidExpression,
  InvalidMetricName,
  metricRegistry,
} from '@crunch-node/domain';
import { shown } from './config-error.ts';
import type { Check } from './sound-parts.ts';

/** Names that `metrics` may hold, in order of their definition. */
export const metricNames = ({ custom_metrics }: CommonConfig): readonly string[] => [
  ...builtInMetrics.keys(),
  ...Object.keys(custom_metrics),
];

/**
 * Checks of an operator's own metrics, used or not: names that hide another number, and expressions.
 * @param without the kind of competition that has no such metrics; null: they are allowed
 */
export function customMetricChecks(config: CommonConfig, without: () => string | null): ReturnType<Check> {
  const { custom_metrics } = config;
  const names = Object.keys(custom_metrics);
  return [
    () => {
      const kind = names.length === 0 ? null : without();
      return kind === null ? [] : [`custom_metrics: expected none in ${kind}, received ${shown(custom_metrics)}`];
    },
    ...names.flatMap((name): Check[] => {
      const path = `custom_metrics.${name}`;
      return [
        () => {
          const taken = without() === null ? takenBy(name, config) : null;
          return taken === null ? [] : [`${path}: expected a name that is not also that of ${taken}`];
        },
        () => (without() === null ? faultsOf(path, { [name]: custom_metrics[name]! }) : []),
      ];
    }),
  ];
}

function takenBy(name: string, config: CommonConfig): string | null {
  if (builtInMetrics.has(name)) return 'a built-in metric';
  if (config.aggregation.windows.some((window) => window.name === name)) return 'a window';
  return Object.hasOwn(config.score_type.properties, name) ? 'a field of score_type' : null;
}

function faultsOf(path: string, custom: CommonConfig['custom_metrics']): string[] {
  try {
    metricRegistry(custom);
    return [];
  } catch (error) {
    if (error instanceof InvalidMetricName) return [`custom_metrics: ${error.message} as the name of a metric`];
    if (!(error instanceof InvalidExpression)) throw error;
    return error.faults.map(({ line, column, text }) => `${path}, line ${line}, column ${column}: ${text}`);
  }
}
