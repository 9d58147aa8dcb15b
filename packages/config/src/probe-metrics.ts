import { type CommonConfig, called, type MetricInput, messageOf, metricRegistry } from '@crunch-node/domain';
import { shown } from './config-error.ts';

const ROUNDS = 40;

/** Outcomes and answers that vary, with values of their product. */
const series = (phase: number): Float64Array =>
  Float64Array.from({ length: ROUNDS }, (_, round) => Math.sin(round * 1.7 + phase) / (1 + (round % 3)));

const sample = (): MetricInput => {
  const [predictions, actuals] = [series(0), series(0.4).map((value) => value / 100)];
  const peers = [
    { name: 'probe', predictions },
    { name: 'probe-2', predictions: series(1) },
    { name: 'probe-3', predictions: series(2) },
  ];
  return {
    model_id: 'probe',
    predictions,
    actuals,
    values: predictions.map((value, round) => value * (actuals[round] ?? 0)),
    peers: () => peers,
    ensembles: () => [{ name: 'probe-ensemble', predictions: series(0.7) }],
    profile: 'default',
  };
};

/**
 * Tries an operator's own functions once, on forty rounds of three models: one that always fails would leave every model
 * without that number. A reason why there is none is an answer.
 */
export const metricWarnings = ({ custom_metrics }: Pick<CommonConfig, 'custom_metrics'>): string[] => {
  const registry = metricRegistry(custom_metrics);
  return Object.keys(custom_metrics)
    .filter((name) => typeof custom_metrics[name] === 'function')
    .flatMap((name) => {
      const fault = faultOf(() => registry.get(name)?.(sample()));
      return fault === null
        ? []
        : [
            `custom_metrics.${name} ${fault}; tried with ${ROUNDS} rounds of 3 models: models have no ${name} where it does`,
          ];
    });
};

function faultOf(compute: () => unknown): string | null {
  try {
    const value = called(compute);
    if (typeof value === 'number') return Number.isFinite(value) ? null : `returned ${value}, expected a finite number`;
    const isReason =
      typeof value === 'object' && value !== null && typeof Reflect.get(value, 'unavailable') === 'string';
    return isReason ? null : `returned ${shown(value)}, expected a number or { unavailable: 'why' }`;
  } catch (error) {
    return `threw when tried: ${messageOf(error)}`;
  }
}
