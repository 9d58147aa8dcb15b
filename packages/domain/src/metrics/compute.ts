import { called, messageOf } from '../operators-code.ts';
import { type Metric, type MetricInput, type MetricValue, type Unavailable, unavailable } from './metric.ts';

export interface ComputedMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  /** metric → why it could not be computed */
  readonly unavailable: Readonly<Record<string, string>>;
}

/**
 * Each named metric once per scope, then its mean over the scopes that have it. An unknown metric is never 0: it is
 * listed with the reason.
 */
export function computeMetrics(
  registry: ReadonlyMap<string, Metric>,
  names: readonly string[],
  scopes: readonly MetricInput[],
): ComputedMetrics {
  const metrics: [string, number][] = [];
  const missing: [string, string][] = [];
  for (const name of new Set(names)) {
    const value = overScopes(registry.get(name), name, scopes);
    if (typeof value === 'number') metrics.push([name, value]);
    else missing.push([name, value.unavailable]);
  }
  return { metrics: Object.fromEntries(metrics), unavailable: Object.fromEntries(missing) };
}

function overScopes(metric: Metric | undefined, name: string, scopes: readonly MetricInput[]): MetricValue {
  if (metric === undefined) return unavailable(`there is no metric named ${name}`);
  let sum = 0;
  let count = 0;
  let reason = 'nothing was scored in the window';
  for (const input of scopes) {
    const value = guarded(metric, input);
    if (typeof value !== 'number') reason = value.unavailable;
    else {
      sum += value;
      count += 1;
    }
  }
  if (count === 0) return unavailable(reason);
  return Number.isFinite(sum) ? sum / count : unavailable(`the sum over ${count} scopes is ${sum}`);
}

function guarded(metric: Metric, input: MetricInput): MetricValue {
  try {
    const value = called(() => metric(input));
    if (typeof value === 'number') return Number.isFinite(value) ? value : unavailable(`the result is ${value}`);
    return isReason(value) ? value : unavailable(`expected a number or a reason, received ${typeof value}`);
  } catch (error) {
    return unavailable(messageOf(error));
  }
}

/** What an operator's function returns is of any type. */
const isReason = (value: unknown): value is Unavailable =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Unavailable>).unavailable === 'string';
