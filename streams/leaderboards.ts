import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { Nullable } from './json.ts';
import { escapeToken, idOf } from './token.ts';

/** One line of a ranking. Names are in another stream: joined when read. */
export const RankedEntry = Type.Object({
  rank: Type.Integer({ minimum: 1 }),
  model_id: Type.String(),
  score: Type.Object({
    metrics: Type.Record(Type.String(), Nullable(Type.Number())),
    ranking: Type.Object({
      key: Type.String(),
      /** null: without a score, which ranks last */
      value: Nullable(Type.Number()),
      direction: Type.String(),
      /** window → scored rounds that its score is based on; absent: not counted */
      rounds: Type.Optional(Type.Record(Type.String(), Type.Integer({ minimum: 0 }))),
      /** why the rounds are too few to be ranked by the score */
      unranked: Type.Optional(Type.String()),
    }),
    /** window → why it has no value although there were scores in it */
    unavailable: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
});
export type RankedEntry = Static<typeof RankedEntry>;

/** The ranking after a cycle, best first; published only when it differs from the previous one. */
export const LeaderboardRanked = defineEvent('LeaderboardRanked', {
  v: 1,
  data: Type.Object({
    leaderboard_id: Type.String(),
    cycle_end: Instant,
    entries: Type.Array(RankedEntry),
    /** virtual models, ranked among themselves */
    ensembles: Type.Array(RankedEntry),
    /** a ranking too large for one event is split into several consecutive ones; absent: it is complete */
    part: Type.Optional(Type.Integer({ minimum: 1 })),
    parts: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  id: ({ cycle_end, part = 1 }) =>
    part === 1 ? idOf('leaderboard', millisOf(cycle_end)) : idOf('leaderboard', millisOf(cycle_end), part),
  natsSubject: () => 'leaderboards.models',
});
export type LeaderboardRanked = EventOf<typeof LeaderboardRanked>;

/** Whether a ranking is complete with this event. */
export const isLastPart = ({ part = 1, parts = 1 }: LeaderboardRanked['data']): boolean => part >= parts;

/**
 * Weights decided at the end of cycle c, in force from the rounds of cycle c + 2 until replaced. Published only when
 * they differ from the previous ones.
 */
export const EnsembleWeighted = defineEvent('EnsembleWeighted', {
  v: 1,
  data: Type.Object({
    name: Type.String(),
    cycle_end: Instant,
    /** model id → weight; they sum to 1, or there are none */
    weights: Type.Record(Type.String(), Type.Number()),
    /** why there are no weights, when a filter or a strategy failed */
    unavailable: Type.Optional(Type.String()),
  }),
  id: ({ name, cycle_end }) => idOf('weights', name, millisOf(cycle_end)),
  natsSubject: ({ name }) => `leaderboards.ensemble.${escapeToken(name)}`,
});
export type EnsembleWeighted = EventOf<typeof EnsembleWeighted>;

export const LeaderboardsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({
    /** SHA-256 of the last published ranking, to detect a difference after a restart; null before the first */
    entries_hash: Nullable(Type.String()),
    /** ensemble → SHA-256 of the last published weights */
    weights_hashes: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
  id: ({ end }) => idOf('cycle', 'leaderboards', millisOf(end)),
  natsSubject: () => 'leaderboards.cycle',
});
export type LeaderboardsCycleClosed = EventOf<typeof LeaderboardsCycleClosed>;

export const leaderboards = defineClosedStream(
  'LEADERBOARDS',
  ['leaderboards.models', 'leaderboards.cycle', 'leaderboards.ensemble.*'],
  [LeaderboardRanked, EnsembleWeighted, LeaderboardsCycleClosed],
  () => 'leaderboards.cycle',
);
export type LeaderboardEvent = StreamEvent<typeof leaderboards>;
