/** Rank: the leaderboard after each cycle. Windows age also while nothing is scored. */
import {
  addSeconds,
  byCodePoint,
  type Cycle,
  type Instant,
  type LeaderboardEvent,
  LeaderboardRanked,
  LeaderboardsCycleClosed,
  type SnapshotTaken,
} from '@crunch-node/streams';
import type { CrunchConfig } from '../crunch-config.ts';
import type { React } from '../cyclic.ts';
import type { MomentHistory } from '../ensembles/moments.ts';
import { addPredictions, forgetPredictions, weighEnsembles } from '../ensembles/rank-ensembles.ts';
import { isEnsemble } from '../ensembles/virtual-model.ts';
import { leaderboardId } from '../ids.ts';
import { putOwn } from '../lent.ts';
import { canonicalJson } from '../merkle/canonical-json.ts';
import { sha256Hex } from '../merkle/hash.ts';
import { fitRanking } from '../sizes/fit-ranking.ts';
import { OVERFLOW } from '../usable-number.ts';
import type { Aggregation } from './aggregation.ts';
import { type Coverage, coverageOf, decidingWindow, isCovered } from './coverage.ts';
import { addValue, forgetBefore, scoreAfter, type ValueHistory, windowStart } from './history.ts';
import { participationHours } from './participation-window.ts';
import { type Candidate, rankEntries } from './rank-entries.ts';

export type RankRules = Pick<CrunchConfig, 'aggregation'> &
  Partial<Pick<CrunchConfig, 'ensembles' | 'max_event_bytes'>>;

interface RankedModel {
  readonly model_id: string;
  readonly first_seen: Instant;
  /** a place for each window, in their order, then every number of its newest snapshot */
  readonly latest: Readonly<Record<string, number | null>>;
  readonly values: ValueHistory;
  readonly last_period_end: Instant;
  /** field of its predictions → moments over the ranking window, for fields that ensembles combine */
  readonly predictions: Readonly<Record<string, MomentHistory>>;
}

export interface RankState {
  readonly models: readonly RankedModel[];
  /** of the ranking last published */
  readonly entries_hash: string | null;
  /** ensemble → of the weights last published */
  readonly weights_hashes: Readonly<Record<string, string>>;
}

export const rankStart: RankState = { models: [], entries_hash: null, weights_hashes: {} };

/** Whether a ranking differs is decided against the recorded one, not against what the present code would publish. */
export const adoptLeaderboards = (state: RankState, closing: LeaderboardsCycleClosed): RankState => ({
  ...state,
  entries_hash: closing.data.entries_hash,
  weights_hashes: closing.data.weights_hashes ?? {},
});

export const rankReact =
  (rules: RankRules): React<RankState, SnapshotTaken, LeaderboardEvent> =>
  (state, cycle, events) => {
    const { aggregation } = rules;
    const models = forget(remember(state.models, events, aggregation), aggregation, cycle.end);
    const candidates = candidatesOf(models, aggregation, cycle.end);
    const entries = rankEntries(
      candidates.filter(({ model_id }) => !isEnsemble(model_id)),
      aggregation,
    );
    const ensembles = rankEntries(
      candidates.filter(({ model_id }) => isEnsemble(model_id)),
      aggregation,
    );
    const hash = models.length === 0 ? null : sha256Hex(canonicalJson({ entries, ensembles }));
    const differs = hash !== null && hash !== state.entries_hash;
    const entries_hash = differs ? hash : state.entries_hash;
    const ranked = differs ? fitRanking(rankedAt(cycle, { entries, ensembles }), rules) : [];
    const { weighted, weights_hashes } = weighEnsembles(rules, models, entries, state.weights_hashes, cycle.end);
    const { start, end, config_hash } = cycle;
    const hashes = Object.keys(weights_hashes).length === 0 ? {} : { weights_hashes };
    const closing = LeaderboardsCycleClosed.at(end, { start, end, config_hash, entries_hash, ...hashes });
    return { state: { models, entries_hash, weights_hashes }, events: [...ranked, ...weighted, closing] };
  };

const rankedAt = ({ end }: Cycle, lists: Pick<LeaderboardRanked['data'], 'entries' | 'ensembles'>): LeaderboardRanked =>
  LeaderboardRanked.at(end, { leaderboard_id: leaderboardId(end), cycle_end: end, ...lists });

function remember(
  known: readonly RankedModel[],
  snapshots: readonly SnapshotTaken[],
  aggregation: Aggregation,
): readonly RankedModel[] {
  if (snapshots.length === 0) return known;
  const models = new Map(known.map((model) => [model.model_id, model]));
  for (const snapshot of [...snapshots].sort((a, b) => byCodePoint(a.data.cycle_end, b.data.cycle_end))) {
    const { model_id, cycle_end, period_end, result_summary } = snapshot.data;
    const model = models.get(model_id);
    models.set(model_id, {
      model_id,
      first_seen: model?.first_seen ?? cycle_end,
      latest: latestOf(result_summary, aggregation),
      values: addValue(model?.values ?? [], snapshot, aggregation.value_field),
      last_period_end: model === undefined || model.last_period_end < period_end ? period_end : model.last_period_end,
      predictions: addPredictions(model?.predictions ?? {}, snapshot, participationHours(aggregation)),
    });
  }
  return [...models.values()].sort((a, b) => byCodePoint(a.model_id, b.model_id));
}

function latestOf(
  summary: SnapshotTaken['data']['result_summary'],
  { windows }: Aggregation,
): Record<string, number | null> {
  const latest: Record<string, number | null> = {};
  for (const { name } of windows) putOwn(latest, name, null);
  for (const key of Object.keys(summary)) {
    const value = summary[key];
    if (typeof value === 'number' && Number.isFinite(value) && !Object.hasOwn(latest, key)) putOwn(latest, key, value);
  }
  return latest;
}

function forget(models: readonly RankedModel[], aggregation: Aggregation, end: Instant): readonly RankedModel[] {
  const longest = Math.max(0, ...aggregation.windows.map(({ hours }) => hours));
  const oldest = windowStart(addSeconds(end, -3_600 * longest));
  return models.map((model) => {
    const values = forgetBefore(model.values, oldest);
    const isCombined = Object.keys(model.predictions).length > 0;
    const predictions = isCombined
      ? forgetPredictions(model.predictions, end, participationHours(aggregation))
      : model.predictions;
    return values === model.values && predictions === model.predictions ? model : { ...model, values, predictions };
  });
}

/**
 * Windows in their order, then every number of the newest snapshot. A dormant model has nothing to be ranked by, nor one
 * whose rounds are too few.
 */
function candidatesOf(models: readonly RankedModel[], aggregation: Aggregation, end: Instant): Candidate[] {
  const { ranking_key } = aggregation;
  const startOf = (hours: number): Instant => addSeconds(end, -3_600 * hours);
  const windows = aggregation.windows.map(({ name, hours }) => ({ name, start: windowStart(startOf(hours)) }));
  const activeAfter = windows.length > 0 ? startOf(participationHours(aggregation)) : null;
  const measured = models.map((model) => ({
    model,
    scores: windows.map(({ name, start }) => ({ name, ...scoreAfter(model.values, start) })),
  }));
  const covered = isCovered(aggregation) ? coverageAmong(measured, aggregation) : null;
  return measured.map(({ model: { model_id, first_seen, latest, last_period_end }, scores }) => {
    const metrics = { ...latest };
    const unavailable: Record<string, string> = {};
    for (const { name, mean } of scores) {
      const isNumber = mean === null || Number.isFinite(mean);
      putOwn(metrics, name, isNumber ? mean : null);
      if (!isNumber) putOwn(unavailable, name, OVERFLOW);
    }
    const isDormant = activeAfter !== null && last_period_end <= activeAfter;
    const coverage = covered?.(scores);
    const isRanked = !isDormant && coverage?.unranked === undefined && Object.hasOwn(metrics, ranking_key);
    const value = isRanked ? (metrics[ranking_key] ?? null) : null;
    const reasons = Object.keys(unavailable).length === 0 ? {} : { unavailable };
    return { model_id, first_seen, metrics, value, ...reasons, ...(coverage && { coverage }) };
  });
}

type WindowScores = readonly { readonly name: string; readonly rounds: number }[];

/** Ensembles do not count towards the most rounds a model could have: they have a signal wherever any model predicts. */
function coverageAmong(
  measured: readonly { readonly model: RankedModel; readonly scores: WindowScores }[],
  aggregation: Aggregation,
): (scores: WindowScores) => Coverage {
  const decides = decidingWindow(aggregation)?.name;
  const most = measured
    .filter(({ model }) => !isEnsemble(model.model_id))
    .map(({ scores }) => scores.find(({ name }) => name === decides)?.rounds ?? 0)
    .reduce((a, b) => Math.max(a, b), 0);
  return (scores) => {
    const rounds: Record<string, number> = {};
    for (const { name, rounds: counted } of scores) putOwn(rounds, name, counted);
    return coverageOf(aggregation, rounds, most);
  };
}
