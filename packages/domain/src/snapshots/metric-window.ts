import { byCodePoint, type Instant } from '@crunch-node/streams';
import { isEnsemble } from '../ensembles/virtual-model.ts';
import type { MetricInput, PeerSeries } from '../metrics/metric.ts';
import type { ScopeSamples } from './samples.ts';

/** One scope's rounds of the window in time order, with every model's numbers beside each other. */
interface ScopeWindow {
  readonly models: ReadonlyMap<string, Series>;
}

interface Series {
  readonly predictions: Float64Array;
  readonly actuals: Float64Array;
  readonly values: Float64Array;
}

/** What the metrics of one model are computed from, scope by scope; scopes it has no score in are left out. */
export type MetricWindow = (modelId: string) => readonly MetricInput[];

/**
 * @param after rounds performed at or before it are too old
 * @param ensembles ids of virtual models in the order in which they are compared with; others are not
 */
export function metricWindow(
  scopes: readonly ScopeSamples[],
  after: Instant,
  ensembles: readonly string[] = [],
): MetricWindow {
  const windows = scopes.map((scope) => scopeWindow(scope, after));
  return (modelId) =>
    windows.flatMap((window) => {
      const own = window.models.get(modelId);
      return own === undefined ? [] : [inputOf(modelId, own, window, ensembles)];
    });
}

function scopeWindow({ blocks }: ScopeSamples, after: Instant): ScopeWindow {
  const columns = blocks.flatMap(({ performed_at }, block) =>
    performed_at.flatMap((moment, i) => (moment > after ? [{ moment, block, i }] : [])),
  );
  // Rounds are kept as they were finished; with differing horizons that is not when they were performed.
  columns.sort((a, b) => byCodePoint(a.moment, b.moment));
  const models = new Map<string, Series>();
  const places = blocks.map(() => [] as [i: number, at: number][]);
  for (const [at, { block, i }] of columns.entries()) places[block]!.push([i, at]);
  for (const [block, { rows }] of blocks.entries()) {
    if (places[block]!.length === 0) continue;
    for (const row of rows) {
      let series = models.get(row.model_id);
      if (series === undefined) {
        series = {
          predictions: missing(columns.length),
          actuals: missing(columns.length),
          values: missing(columns.length),
        };
        models.set(row.model_id, series);
      }
      for (const [i, at] of places[block]!) {
        series.predictions[at] = row.predictions[i] ?? Number.NaN;
        series.actuals[at] = row.actuals[i] ?? Number.NaN;
        series.values[at] = row.values[i] ?? Number.NaN;
      }
    }
  }
  return { models: new Map([...withSharedActuals(models)].sort(([a], [b]) => byCodePoint(a, b))) };
}

/** What really happened is the same for all models that answered the same rounds: one series, ranked once. */
function withSharedActuals(models: ReadonlyMap<string, Series>): Map<string, Series> {
  const seen: Float64Array[] = [];
  const shared = (actuals: Float64Array): Float64Array => {
    const known = seen.find((other) => other.every((value, i) => Object.is(value, actuals[i])));
    if (known !== undefined) return known;
    if (seen.length < DISTINCT_ACTUALS) seen.push(actuals);
    return actuals;
  };
  return new Map([...models].map(([id, series]) => [id, { ...series, actuals: shared(series.actuals) }]));
}

/** Looking further than this costs more than ranking again. */
const DISTINCT_ACTUALS = 8;

const missing = (length: number): Float64Array => new Float64Array(length).fill(Number.NaN);

function inputOf(model_id: string, own: Series, { models }: ScopeWindow, ensembles: readonly string[]): MetricInput {
  const seriesOf = (name: string): PeerSeries[] => {
    const known = models.get(name);
    return known === undefined ? [] : [{ name, predictions: known.predictions }];
  };
  return {
    model_id,
    ...own,
    peers: () => [...models.keys()].filter((id) => !isEnsemble(id)).flatMap(seriesOf),
    ensembles: () => ensembles.flatMap(seriesOf),
    profile: 'default',
  };
}
