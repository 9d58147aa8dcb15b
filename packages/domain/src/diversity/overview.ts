import type { JsonObject } from '@crunch-node/streams';
import { isEnsemble } from '../ensembles/virtual-model.ts';
import { type DiversityMetrics, diversityMetrics, diversityScore } from './feedback.ts';

export interface DiversityRow extends DiversityMetrics {
  readonly model_id: string;
  readonly period_end: string;
  readonly diversity_score: number | null;
}

/**
 * One row per model, out of its newest snapshot, most diverse first; models without a correlation come last. Ensembles
 * are left out.
 * @param snapshots in any order; `period_end` as text in one format
 */
export function diversityOverview(
  snapshots: readonly { readonly model_id: string; readonly period_end: string; readonly result_summary: JsonObject }[],
  limit: number,
): DiversityRow[] {
  const newest = new Map<string, (typeof snapshots)[number]>();
  for (const snapshot of snapshots) {
    const known = newest.get(snapshot.model_id);
    if (isEnsemble(snapshot.model_id) || (known !== undefined && known.period_end >= snapshot.period_end)) continue;
    newest.set(snapshot.model_id, snapshot);
  }
  return [...newest.values()]
    .map(({ model_id, period_end, result_summary }) => {
      const metrics = diversityMetrics(result_summary);
      return { model_id, period_end, diversity_score: diversityScore(metrics.model_correlation), ...metrics };
    })
    .sort((a, b) => (b.diversity_score ?? -1) - (a.diversity_score ?? -1))
    .slice(0, limit);
}
