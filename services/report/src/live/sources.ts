import { type Database, type ModelNames, modelNames, type RankedModel, statesOfModels } from '@crunch-node/projections';
import {
  type EnsembleSignalled,
  type Event,
  type LeaderboardRanked,
  leaderboards,
  signals,
} from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import { entryOf } from '../leaderboards/routes.ts';
import type { ReportConfig } from '../route-context.ts';
import { signalOf } from '../signals/routes.ts';
import { tsZ } from '../values/timestamps.ts';
import { eventFrame } from './frames.ts';
import { type FrameOf, frameIn, type Source } from './notification.ts';

export interface Ranking {
  readonly event: LeaderboardRanked;
  readonly names: ReadonlyMap<string, ModelNames>;
  readonly states: ReadonlyMap<string, RankedModel['state']>;
}

/** Rankings, each when it differs from the one before. Facts about models are joined when it is sent. */
export function rankings(db: Kysely<Database>): Source<Ranking> {
  let known: Omit<Ranking, 'event'> = { names: new Map(), states: new Map() };
  async function knownOf(ids: readonly string[]): Promise<Omit<Ranking, 'event'>> {
    const [names, states] = await Promise.all([modelNames(db, ids), statesOfModels(db, ids)]);
    return { names, states };
  }
  return {
    stream: leaderboards,
    newestSubject: 'leaderboards.models',
    closingSubject: leaderboards.closingSubject(),
    kept: 4,
    timeOf: (event) => (event.type === 'LeaderboardRanked' ? (event as LeaderboardRanked).data.cycle_end : null),
    async valueOf(event: Event) {
      const ranked = event as LeaderboardRanked;
      // A read model that is away stops no ranking: it is sent with the facts known before.
      known = await knownOf(ranked.data.entries.map(({ model_id }) => model_id)).catch(() => known);
      return { event: ranked, ...known };
    },
  };
}

/** As `/reports/leaderboard` shows it. */
export const rankingFrame =
  (withEnsembles: boolean, config: Pick<ReportConfig, 'ensembles'>): FrameOf<Ranking> =>
  (notification) =>
    frameIn(notification, String(withEnsembles), () => {
      const { event, names, states } = notification.value;
      const { leaderboard_id, cycle_end, entries, ensembles, part, parts } = event.data;
      const rowOf = (kind: 'model' | 'ensemble') => (entry: (typeof entries)[number]) => {
        const named = names.get(entry.model_id);
        const ensemble = /^__ensemble_(.*)__$/.exec(entry.model_id)?.[1];
        const ranked: RankedModel = {
          kind,
          cycle_end,
          created_at: event.at,
          model_id: entry.model_id,
          rank: entry.rank,
          score_metrics: entry.score.metrics,
          score_ranking: entry.score.ranking,
          model_name: named?.model_name ?? (kind === 'ensemble' ? (ensemble ?? null) : null),
          cruncher_name: named?.cruncher_name ?? null,
          state: states.get(entry.model_id) ?? null,
        };
        return entryOf(ranked, config);
      };
      const rows = [...entries.map(rowOf('model')), ...(withEnsembles ? ensembles.map(rowOf('ensemble')) : [])];
      rows.sort((a, b) => a.rank - b.rank); // stable: a model stays before an ensemble of the same rank
      const places = parts === undefined ? {} : { part: part ?? 1, parts };
      return eventFrame(
        'leaderboard',
        { leaderboard_id, cycle_end: tsZ(cycle_end), ...places, entries: rows },
        notification.sequence,
      );
    });

/** Signals of ensembles, as soon as they are published. */
export const signalSource: Source<EnsembleSignalled> = {
  stream: signals,
  closingSubject: signals.closingSubject(),
  kept: 512,
  timeOf: (event) => (event.type === 'EnsembleSignalled' ? (event as EnsembleSignalled).data.performed_at : null),
  valueOf: async (event) => event as EnsembleSignalled,
};

/** As `/signals/ensemble/{name}` shows it. */
export const signalFrame =
  (name: string, scopeKey: string | undefined): FrameOf<EnsembleSignalled> =>
  (notification) => {
    const { id, data } = notification.value;
    if (data.name !== name || (scopeKey !== undefined && data.scope_key !== scopeKey)) return null;
    return frameIn(notification, '', () => {
      const { output_field = 'value', input: _, ...signal } = data;
      const row = { ...signal, output_field, round_id: id, log_sequence: notification.sequence };
      return eventFrame('signal', { ...signalOf(row), prediction_id: data.prediction_id }, notification.sequence);
    });
  };
