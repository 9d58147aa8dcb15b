/** Snapshot: what each model came to in the cycle, its metrics, and the evidence. */
import {
  addSeconds,
  byCodePoint,
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
import { enabledEnsembles } from '../ensembles/ensemble-config.ts';
import { momentsByModel } from '../ensembles/moments.ts';
import { ensembleModelId } from '../ensembles/virtual-model.ts';
import { snapshotId } from '../ids.ts';
import { rankingHours } from '../leaderboards/ranking-hours.ts';
import { type ChainHead, chainCycle, headAfter } from '../merkle/chain.ts';
import { snapshotHash } from '../merkle/snapshot-hash.ts';
import { type ComputedMetrics, computeMetrics } from '../metrics/compute.ts';
import { metricRegistry } from '../metrics/registry.ts';
import { type MetricWindow, metricWindow } from './metric-window.ts';
import { addSamples, forgetSamples, type ScopeSamples } from './samples.ts';
import { type ModelOutcomes, outcomesByModel, summarise } from './summarise.ts';

export type SnapshotRules = Pick<
  CrunchConfig,
  'aggregate_snapshot' | 'aggregation' | 'metrics' | 'metrics_every' | 'cycle_seconds'
> &
  Partial<Pick<CrunchConfig, 'ensembles' | 'custom_metrics'>>;

/** A model's metrics as last computed, carried forward until the next stretch of `metrics_every` cycles. */
interface CarriedMetrics extends ComputedMetrics {
  readonly model_id: string;
  readonly stretch: number;
}

export interface SnapshotState {
  readonly chain: ChainHead | null;
  readonly samples: readonly ScopeSamples[];
  readonly metrics: readonly CarriedMetrics[];
}

export const snapshotStart: SnapshotState = { chain: null, samples: [], metrics: [] };

/** The chain goes on from what was recorded, also when other code or another configuration would have said otherwise. */
export const adoptSnapshots = <S extends Pick<SnapshotState, 'chain'>>(state: S, closing: SnapshotsCycleClosed): S => ({
  ...state,
  chain: closing.data.chain,
});

export const snapshotReact = (rules: SnapshotRules): React<SnapshotState, RoundScored, SnapshotEvent> => {
  const virtual = enabledEnsembles(rules).map(({ name }) => ensembleModelId(name));
  const combined = [...new Set(enabledEnsembles(rules).map(({ output_field }) => output_field))];
  const registry = metricRegistry(rules.custom_metrics);
  return (state, cycle, events) => {
    const rounds = [...events].sort(canonicalOrder);
    const windowStart = addSeconds(cycle.end, -3_600 * rankingHours(rules.aggregation));
    const samples = rules.metrics.length === 0 ? [] : forgetSamples(addSamples(state.samples, rounds), windowStart);
    const metrics = new Map(state.metrics.map((carried) => [carried.model_id, carried]));
    const moments = momentsByModel(rounds, combined);
    let window: MetricWindow | undefined;
    const stretch = Math.floor(microsOf(cycle.end) / (rules.cycle_seconds * rules.metrics_every * 1e6));
    const taken = outcomesByModel(rounds).map((outcomes) => {
      const { model_id } = outcomes;
      let carried = metrics.get(model_id);
      if (carried === undefined || carried.stretch !== stretch) {
        window ??= metricWindow(samples, windowStart, virtual);
        carried = { model_id, stretch, ...computeMetrics(registry, rules.metrics, window(model_id)) };
        metrics.set(model_id, carried);
      }
      return takeSnapshot(rules, cycle.end, outcomes, carried, moments.get(model_id));
    });
    const merkle = chainCycle(
      state.chain,
      cycle.end,
      taken.map(({ data }) => data),
    );
    const chain = headAfter(state.chain, merkle);
    const closing = SnapshotsCycleClosed.at(cycle.end, { ...closed(cycle), merkle, chain });
    return {
      state: { chain, samples, metrics: [...metrics.values()].sort((a, b) => byCodePoint(a.model_id, b.model_id)) },
      events: [...taken, closing],
    };
  };
};

const closed = ({ start, end, config_hash }: Cycle): Cycle => ({ start, end, config_hash });

function takeSnapshot(
  rules: SnapshotRules,
  cycleEnd: Instant,
  outcomes: ModelOutcomes,
  { metrics, unavailable }: ComputedMetrics,
  predictions: SnapshotTaken['data']['predictions'],
): SnapshotTaken {
  const { model_id, period_start, period_end } = outcomes;
  const summary = summarise(rules.aggregate_snapshot, outcomes.results);
  const result_summary: JsonObject = { ...summary.result_summary, ...metrics };
  const prediction_count = outcomes.results.length;
  const hashed = { model_id, period_start, period_end, prediction_count, result_summary };
  return SnapshotTaken.at(cycleEnd, {
    ...hashed,
    snapshot_id: snapshotId(model_id, cycleEnd),
    cycle_end: cycleEnd,
    failed_count: outcomes.failed_count,
    unavailable: { ...summary.unavailable, ...unavailable },
    content_hash: snapshotHash(hashed),
    ...(predictions === undefined ? {} : { predictions }),
  });
}
