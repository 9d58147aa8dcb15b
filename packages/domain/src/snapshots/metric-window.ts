import { byCodePoint } from '@crunch-node/streams';
import { isEnsemble } from '../ensembles/virtual-model.ts';
import type { ConstantSeries } from '../metrics/constant-series.ts';
import type { MetricInput } from '../metrics/metric.ts';
import type { PeerSeries } from '../metrics/peer-series.ts';
import type { EarlierOrder } from '../metrics/ranked.ts';
import { type SharedWork, sharedWork } from '../metrics/shared-work.ts';
import type { SampleColumn, ScopeSamples } from './samples.ts';
import { type Series, seriesByModel } from './series.ts';

/** Orders from the last computation of metrics, and their rounds: they make the next one cheap. */
export interface ScopeOrders {
  readonly scope_key: string;
  readonly columns: readonly SampleColumn[];
  readonly orders: ReadonlyMap<string, Int32Array>;
}

/** The rounds of the ranking window, scope by scope, in time order, with the numbers of every model. */
export interface MetricWindow {
  /** with a result in the window, sorted */
  readonly model_ids: readonly string[];
  /** input of the metrics of one model; scopes without a result of it are left out */
  inputsOf(modelId: string): readonly MetricInput[];
  /** to be given to the next window */
  orders(): readonly ScopeOrders[];
}

/** @param ensembles ids of virtual models in the order in which they are compared with; others are not */
export function metricWindow(
  scopes: readonly ScopeSamples[],
  ensembles: readonly string[] = [],
  earlier: readonly ScopeOrders[] = [],
  constantSeries?: ConstantSeries,
): MetricWindow {
  const windows = scopes.map((scope) =>
    scopeWindow(
      scope,
      ensembles,
      earlier.find(({ scope_key }) => scope_key === scope.scope_key),
    ),
  );
  return {
    model_ids: [...new Set(windows.flatMap(({ models }) => [...models.keys()]))].sort(byCodePoint),
    inputsOf: (modelId) =>
      windows.flatMap((window) => {
        const own = window.models.get(modelId);
        return own === undefined ? [] : [inputOf(modelId, own, window, constantSeries)];
      }),
    orders: () =>
      windows.map(({ shared }, i) => ({
        scope_key: scopes[i]!.scope_key,
        columns: scopes[i]!.columns,
        orders: shared.orders(),
      })),
  };
}

interface ScopeWindow {
  readonly models: ReadonlyMap<string, Series>;
  readonly peers: readonly PeerSeries[];
  readonly ensembles: readonly PeerSeries[];
  readonly shared: SharedWork;
}

function scopeWindow(
  { columns }: ScopeSamples,
  ensembles: readonly string[],
  earlier: ScopeOrders | undefined,
): ScopeWindow {
  const models = seriesByModel(columns);
  const seriesOf = (name: string): PeerSeries[] => {
    const known = models.get(name);
    return known === undefined ? [] : [{ name, predictions: known.predictions }];
  };
  const peers = [...models.keys()].filter((id) => !isEnsemble(id)).flatMap(seriesOf);
  return {
    models,
    peers,
    ensembles: ensembles.flatMap(seriesOf),
    shared: sharedWork(peers, columns.length, earlierOrders(columns, earlier)),
  };
}

const inputOf = (
  model_id: string,
  own: Series,
  { peers, ensembles, shared }: ScopeWindow,
  constant_series: ConstantSeries | undefined,
): MetricInput => ({
  model_id,
  ...own,
  peers: () => peers,
  ensembles: () => ensembles,
  profile: 'default',
  ...(constant_series === undefined ? {} : { constant_series }),
  shared,
});

/** Only while the columns then and now overlap without a difference: the numbers in them are the same. */
function earlierOrders(
  columns: readonly SampleColumn[],
  earlier: ScopeOrders | undefined,
): (name: string) => EarlierOrder | undefined {
  const none = () => undefined;
  if (earlier === undefined || columns[0] === undefined) return none;
  const shift = earlier.columns.indexOf(columns[0]);
  const length = earlier.columns.length;
  if (shift < 0 || length - shift > columns.length) return none;
  for (let i = shift; i < length; i++) if (earlier.columns[i] !== columns[i - shift]) return none;
  return (name) => {
    const order = earlier.orders.get(name);
    return order === undefined ? undefined : { order, length, shift };
  };
}
