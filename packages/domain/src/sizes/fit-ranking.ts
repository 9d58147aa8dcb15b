import { EnsembleWeighted, LeaderboardRanked, type RankedEntry } from '@crunch-node/streams';
import { dataRoom, type EventLimit, fits, jsonBytes } from './event-room.ts';

type RankingItem = { readonly kind: 'entries' | 'ensembles'; readonly entry: RankedEntry };

/** A ranking as it can be stored: in one event, or in several parts of which each knows how many there are. */
export function fitRanking(ranked: LeaderboardRanked, limit: EventLimit): LeaderboardRanked[] {
  const room = dataRoom(limit);
  if (fits(ranked.data, room)) return [ranked];
  const { entries, ensembles, ...about } = ranked.data;
  const base = jsonBytes({ ...about, entries: [], ensembles: [], part: entries.length, parts: entries.length });
  const parts: RankingItem[][] = [];
  let used = Number.POSITIVE_INFINITY;
  const places: RankingItem[] = [
    ...entries.map((entry): RankingItem => ({ kind: 'entries', entry })),
    ...ensembles.map((entry): RankingItem => ({ kind: 'ensembles', entry })),
  ];
  for (const place of places) {
    const bytes = jsonBytes(place.entry) + 1;
    if (used + bytes > room) {
      parts.push([]);
      used = base;
    }
    parts.at(-1)!.push(place);
    used += bytes;
  }
  return parts.map((part, i) => {
    const of = (kind: RankingItem['kind']) => part.filter((place) => place.kind === kind).map(({ entry }) => entry);
    const data = { ...about, entries: of('entries'), ensembles: of('ensembles'), part: i + 1, parts: parts.length };
    return LeaderboardRanked.at(ranked.at, data);
  });
}

/** Weights as they can be stored; too many of them are none, with the reason. */
export function fitWeights(weighted: EnsembleWeighted, limit: EventLimit): EnsembleWeighted {
  const room = dataRoom(limit);
  if (fits(weighted.data, room)) return weighted;
  const { name, cycle_end, weights } = weighted.data;
  const unavailable =
    `the weights of ${Object.keys(weights).length} models have ${jsonBytes(weights)} bytes, an event has room for ${room}: ` +
    'let fewer models take part (filter), or raise max_payload';
  return EnsembleWeighted.at(weighted.at, { name, cycle_end, weights: {}, unavailable });
}
