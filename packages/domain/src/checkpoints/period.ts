/** Running totals of the snapshots of a period, so that a week of cycles need not be kept. */
import { byCodePoint, type Instant, type SnapshotTaken } from '@crunch-node/streams';
import { isEnsemble } from '../ensembles/virtual-model.ts';
import { weightOf } from '../leaderboards/history.ts';

interface Total {
  readonly key: string;
  readonly weighted: number;
  readonly weight: number;
}

export interface PeriodModel {
  readonly model_id: string;
  readonly first_seen: Instant;
  readonly prediction_count: number;
  readonly snapshot_count: number;
  /** in order of key */
  readonly totals: readonly Total[];
}

export interface Period {
  /** end of the first cycle in which something was taken; null while nothing was */
  readonly first_cycle_end: Instant | null;
  readonly snapshot_count: number;
  /** real models only: ensembles are never paid */
  readonly models: readonly PeriodModel[];
  readonly chained_roots: readonly string[];
}

export const startPeriod: Period = { first_cycle_end: null, snapshot_count: 0, models: [], chained_roots: [] };

/**
 * How a period summarises a number of its snapshots. `mean`: weighted by predictions. `last`: for a running total, such
 * as a profit, whose mean would depend on when it was made.
 */
export type PeriodSummary = 'mean' | 'last';

/** @param taken one cycle's snapshots in order of model id */
export function addToPeriod(
  period: Period,
  taken: readonly SnapshotTaken[],
  chainedRoot: string | null,
  summary: PeriodSummary = 'mean',
): Period {
  const first = taken[0];
  if (first === undefined) return period;
  const models = new Map(period.models.map((model) => [model.model_id, model]));
  for (const snapshot of taken) {
    const { model_id, cycle_end, prediction_count } = snapshot.data;
    if (isEnsemble(model_id)) continue;
    const known = models.get(model_id);
    models.set(model_id, {
      model_id,
      first_seen: known?.first_seen ?? cycle_end,
      prediction_count: (known?.prediction_count ?? 0) + prediction_count,
      snapshot_count: (known?.snapshot_count ?? 0) + 1,
      totals: addTotals(known?.totals ?? [], snapshot, summary),
    });
  }
  return {
    first_cycle_end: period.first_cycle_end ?? first.data.cycle_end,
    snapshot_count: period.snapshot_count + taken.length,
    models: [...models.values()].sort((a, b) => byCodePoint(a.model_id, b.model_id)),
    chained_roots: chainedRoot === null ? period.chained_roots : [...period.chained_roots, chainedRoot],
  };
}

/** A key is averaged over the snapshots that have it. `success` is a share of all predictions, the rest of the scored. */
function addTotals(totals: readonly Total[], snapshot: SnapshotTaken, summary: PeriodSummary): readonly Total[] {
  const next = new Map(totals.map((total) => [total.key, total]));
  for (const [key, value] of Object.entries(snapshot.data.result_summary)) {
    if (typeof value !== 'number') continue;
    if (summary === 'last') {
      next.set(key, { key, weighted: value, weight: 1 });
      continue;
    }
    const weight = key === 'success' ? snapshot.data.prediction_count : weightOf(snapshot);
    if (weight <= 0) continue;
    const known = next.get(key);
    next.set(key, {
      key,
      weighted: (known?.weighted ?? 0) + value * weight,
      weight: (known?.weight ?? 0) + weight,
    });
  }
  return [...next.values()].sort((a, b) => byCodePoint(a.key, b.key));
}
