import { builtInMetrics, type CrunchConfig, ranksAccounts, snapshotReact, snapshotStart } from '@crunch-node/domain';
import { addSeconds, type Instant, type RoundScored, type SnapshotTaken, secondsBetween } from '@crunch-node/streams';
import type { PredictionRow } from './rows.ts';

export interface Measured {
  /** metric → value; null: unavailable */
  readonly metrics: Readonly<Record<string, number | null>>;
  /** metric → why it is unavailable */
  readonly unavailable: Readonly<Record<string, string>>;
}

/** Metrics that compare a model with the others. */
const COMPARING = ['model_correlation', 'ensemble_correlation', 'contribution', 'fnc'] as const;

/** Names of the metrics that are shown: those of the configuration, then the usual ones. */
export function shownMetrics(config: CrunchConfig): readonly string[] {
  const usual = ['ic', 'ic_sharpe', 'hit_rate', 'mean_return', 'max_drawdown', 'sortino_ratio', 'turnover'];
  const names = ranksAccounts(config) ? config.metrics : [...config.metrics, ...usual, ...COMPARING];
  return [...new Set(names)].filter((name) => builtInMetrics.has(name) || Object.hasOwn(config.custom_metrics, name));
}

/**
 * Metrics of every model over rounds of any stretch of time, by the function that takes snapshots: as if the stretch
 * were one cycle. Ensembles with signals are among those models are compared with.
 */
export function metricsOver(
  config: CrunchConfig,
  rounds: readonly RoundScored[],
  names: readonly string[],
): ReadonlyMap<string, Measured> {
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const end = rounds.reduce((latest, { at }) => (at > latest ? at : latest), last.at);
  const start = rounds.reduce((least, { data }) => (data.performed_at < least ? data.performed_at : least), end);
  const hours = secondsBetween(start, end) / 3_600 + 1;
  const rules = {
    ...config,
    metrics: names,
    metrics_every: 1,
    aggregation: { ...config.aggregation, windows: [{ name: 'all', hours }] },
  };
  const cycle = { start: addSeconds(start, -1), end, config_hash: '' };
  const { events } = snapshotReact(rules)(snapshotStart, cycle, rounds);
  return new Map(
    events
      .filter(({ type }) => type === 'SnapshotTaken')
      .map(({ data }) => {
        const { model_id, result_summary, unavailable } = data as SnapshotTaken['data'];
        const metrics = names.map((name): [string, number | null] => {
          const value = result_summary[name];
          return [name, typeof value === 'number' ? value : null];
        });
        const reasons = Object.entries(unavailable).filter(([name]) => names.includes(name));
        return [model_id, { metrics: Object.fromEntries(metrics), unavailable: Object.fromEntries(reasons) }];
      }),
  );
}

/** Rounds performed from a moment on, and before another. */
export const between = (rounds: readonly RoundScored[], from: Instant, to: Instant): readonly RoundScored[] =>
  rounds.filter(({ data }) => data.performed_at >= from && data.performed_at < to);

export const meanOf = (values: readonly (number | null)[]): number | null => {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
};

/** Mean score of rows; null where nothing was scored. */
export const meanScore = (rows: readonly PredictionRow[]): number | null => meanOf(rows.map(({ score }) => score));
