import type { Aggregation } from '../leaderboards/aggregation.ts';
import { called } from '../operators-code.ts';
import type { EnsembleMember } from './strategies.ts';

export type EnsembleFilter =
  | { readonly type: 'top_n'; readonly n: number }
  | { readonly type: 'min_metric'; readonly name: string; readonly threshold: number }
  | { readonly type: 'custom'; readonly keep: (modelId: string, metrics: EnsembleMember['metrics']) => boolean };

/** How models are ranked, best first. */
export type EnsembleRanking = Pick<Aggregation, 'ranking_key' | 'ranking_direction'>;

/** Members that may take part, in their order. One without the metric that decides is left out. */
export function filterMembers<M extends Omit<EnsembleMember, 'predictions'>>(
  members: readonly M[],
  filter: EnsembleFilter | null,
  ranking: EnsembleRanking,
): M[] {
  if (filter === null) return [...members];
  switch (filter.type) {
    case 'custom':
      return members.filter(({ model_id, metrics }) => called(() => filter.keep(model_id, { ...metrics })));
    case 'min_metric':
      return members.filter(
        ({ metrics }) => (metricOf(metrics, filter.name) ?? Number.NEGATIVE_INFINITY) >= filter.threshold,
      );
    case 'top_n': {
      const sign = ranking.ranking_direction === 'desc' ? -1 : 1;
      const ranked = members.flatMap((member) => {
        const value = metricOf(member.metrics, ranking.ranking_key);
        return value === null ? [] : [{ member, value }];
      });
      const best = ranked.sort((a, b) => sign * (a.value - b.value)).slice(0, filter.n);
      const kept = new Set(best.map(({ member }) => member));
      return members.filter((member) => kept.has(member));
    }
  }
}

function metricOf(metrics: EnsembleMember['metrics'], name: string): number | null {
  const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
