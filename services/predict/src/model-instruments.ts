import type { ModelPool } from '@crunch-node/models';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Seconds, from a local answer to the longest deadline. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface ModelInstruments {
  readonly seconds: Histogram<'method'>;
  readonly calls: Counter<'method' | 'outcome'>;
}

/** Durations and outcomes of model calls. Not per model: there may be thousands. */
export function modelInstruments(registry: Registry): ModelInstruments {
  const once = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  return {
    seconds: once(
      'crunch_predict_call_seconds',
      () =>
        new Histogram({
          name: 'crunch_predict_call_seconds',
          help: 'Calls of models, waiting for their turn included',
          labelNames: ['method'],
          buckets: SECONDS,
          registers: [registry],
        }),
    ),
    calls: once(
      'crunch_predict_calls_total',
      () =>
        new Counter({
          name: 'crunch_predict_calls_total',
          help: 'Calls of models by what they came to',
          labelNames: ['method', 'outcome'],
          registers: [registry],
        }),
    ),
  };
}

/** The same models, with every call counted and measured. */
export function measured(pool: ModelPool, { seconds, calls }: ModelInstruments): ModelPool {
  // Inherits, since a copy would freeze the values of the pool's getters.
  return Object.create(pool, {
    call: {
      value: async (...args: Parameters<ModelPool['call']>) => {
        const [, { method }] = args;
        const startedAt = performance.now();
        const answer = await pool.call(...args);
        seconds.observe({ method }, (performance.now() - startedAt) / 1000);
        calls.inc({ method, outcome: answer.status.toLowerCase() });
        return answer;
      },
    },
  }) as ModelPool;
}
