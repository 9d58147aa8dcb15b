/** Snapshot: each model's summary of a cycle, its metrics, and the evidence. */
import {
  addSeconds,
  type Cycle,
  canonicalOrder,
  type Instant,
  type JsonObject,
  microsOf,
  type RoundScored,
  type SnapshotEvent,
  SnapshotsCycleClosed,
  SnapshotTaken,
} from '@crunch-node/streams';
import type { CrunchConfig } from '../crunch-config.ts';
import type { React } from '../cyclic.ts';
import { combinedFields } from '../ensembles/combined-fields.ts';
import { enabledEnsembles } from '../ensembles/ensemble-config.ts';
import { momentsByModel } from '../ensembles/moments.ts';
import { ensembleModelId } from '../ensembles/virtual-model.ts';
import { snapshotId } from '../ids.ts';
import { participationHours } from '../leaderboards/participation-window.ts';
import { type ChainHead, chainCycle, headAfter } from '../merkle/chain.ts';
import { snapshotHash } from '../merkle/snapshot-hash.ts';
import { type ComputedMetrics, computeMetrics } from '../metrics/compute.ts';
import { metricRegistry } from '../metrics/registry.ts';
import { fitSummary } from '../sizes/fit-snapshot.ts';
import { metricWindow, type ScopeOrders } from './metric-window.ts';
import { withRelative } from './relative.ts';
import { addSamples, forgetSamples, type ScopeSamples } from './samples.ts';
import { type ModelOutcomes, outcomesByModel, summarise } from './summarise.ts';

export type SnapshotRules = Pick<
  CrunchConfig,
  'aggregate_snapshot' | 'aggregation' | 'metrics' | 'metrics_every' | 'cycle_seconds'
> &
  Partial<Pick<CrunchConfig, 'ensembles' | 'custom_metrics' | 'constant_series' | 'max_event_bytes'>>;

export interface SnapshotState {
  readonly chain: ChainHead | null;
  readonly samples: readonly ScopeSamples[];
  /** which stretch of `metrics_every` cycles metrics were last computed in; they are carried forward until the next */
  readonly stretch: number | null;
  /** by model */
  readonly metrics: ReadonlyMap<string, ComputedMetrics>;
  readonly orders: readonly ScopeOrders[];
}

export const snapshotStart: SnapshotState = {
  chain: null,
  samples: [],
  stretch: null,
  metrics: new Map(),
  orders: [],
};

/** The chain continues from what was recorded, even where the present code or configuration would differ. */
export const adoptSnapshots = <S extends Pick<SnapshotState, 'chain'>>(state: S, closing: SnapshotsCycleClosed): S => ({
  ...state,
  chain: closing.data.chain,
});

export const snapshotReact = (rules: SnapshotRules): React<SnapshotState, RoundScored, SnapshotEvent> => {
  const virtual = enabledEnsembles(rules).map(({ name }) => ensembleModelId(name));
  const combined = [...new Set(enabledEnsembles(rules).flatMap(combinedFields))];
  const registry = metricRegistry(rules.custom_metrics);
  return (state, cycle, events) => {
    const rounds = [...events].sort(canonicalOrder);
    const windowStart = addSeconds(cycle.end, -3_600 * participationHours(rules.aggregation));
    const samples = rules.metrics.length === 0 ? [] : forgetSamples(addSamples(state.samples, rounds), windowStart);
    const moments = momentsByModel(rounds, combined);
    const outcomes = outcomesByModel(withRelative(rounds, rules.aggregation.relative));
    const measured = measure(
      state,
      samples,
      outcomes.map(({ model_id }) => model_id),
      Math.floor(microsOf(cycle.end) / (rules.cycle_seconds * rules.metrics_every * 1e6)),
    );
    const taken = outcomes.map((ofModel) =>
      takeSnapshot(
        rules,
        cycle.end,
        ofModel,
        measured.metrics.get(ofModel.model_id) ?? NOTHING,
        moments.get(ofModel.model_id),
      ),
    );
    const merkle = chainCycle(
      state.chain,
      cycle.end,
      taken.map(({ data }) => data),
    );
    const chain = headAfter(state.chain, merkle);
    const closing = SnapshotsCycleClosed.at(cycle.end, { ...closed(cycle), merkle, chain });
    return {
      state: { chain, samples, ...measured },
      events: [...taken, closing],
    };
  };

  /** Once a stretch for all models of the window, so that they share the work; in between for those new to it. */
  function measure(
    { stretch: last, metrics, orders }: SnapshotState,
    samples: readonly ScopeSamples[],
    modelIds: readonly string[],
    stretch: number,
  ): Pick<SnapshotState, 'stretch' | 'metrics' | 'orders'> {
    const isDue = last !== stretch && modelIds.length > 0;
    const known = isDue ? new Map<string, ComputedMetrics>() : metrics;
    const fresh = modelIds.filter((id) => !known.has(id));
    if (rules.metrics.length === 0 || fresh.length === 0) return { stretch: last, metrics, orders };
    const window = metricWindow(samples, virtual, orders, rules.constant_series);
    const wanted = isDue ? new Set([...window.model_ids, ...fresh]) : fresh;
    const computed = [...wanted].map(
      (id) => [id, computeMetrics(registry, rules.metrics, window.inputsOf(id))] as const,
    );
    return { stretch, metrics: new Map([...known, ...computed]), orders: isDue ? window.orders() : orders };
  }
};

const NOTHING: ComputedMetrics = { metrics: {}, unavailable: {} };

const closed = ({ start, end, config_hash }: Cycle): Cycle => ({ start, end, config_hash });

/** A key of a prediction that is named like a metric is never taken for the metric, even where that is unavailable. */
function withoutMetrics(names: readonly string[], summary: JsonObject): JsonObject {
  if (!names.some((name) => Object.hasOwn(summary, name))) return summary;
  return Object.fromEntries(Object.entries(summary).filter(([key]) => !names.includes(key)));
}

function takeSnapshot(
  rules: SnapshotRules,
  cycleEnd: Instant,
  outcomes: ModelOutcomes,
  { metrics, unavailable }: ComputedMetrics,
  predictions: SnapshotTaken['data']['predictions'],
): SnapshotTaken {
  const { model_id, period_start, period_end, failed_count } = outcomes;
  const summary = summarise(rules.aggregate_snapshot, outcomes.results);
  const { result_summary, unavailable: reasons } = fitSummary(
    {
      result_summary: { ...withoutMetrics(rules.metrics, summary.result_summary), ...metrics },
      unavailable: { ...summary.unavailable, ...unavailable },
    },
    rules,
  );
  const prediction_count = outcomes.results.length;
  const data: SnapshotTaken['data'] = {
    model_id,
    period_start,
    period_end,
    prediction_count,
    result_summary,
    snapshot_id: snapshotId(model_id, cycleEnd),
    cycle_end: cycleEnd,
    failed_count,
    unavailable: reasons,
    content_hash: snapshotHash({ model_id, period_start, period_end, prediction_count, result_summary }),
  };
  return SnapshotTaken.at(cycleEnd, predictions === undefined ? data : { ...data, predictions });
}
