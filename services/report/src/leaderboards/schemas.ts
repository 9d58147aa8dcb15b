import { type Static, Type } from '@sinclair/typebox';
import { Count, ModelPresence, NullableNumber, NullableText, TsZ } from '../values/schemas.ts';

/** Metrics are repeated at the top, where the UI's columns look for them. */
export const LeaderboardEntry = Type.Object(
  {
    created_at: TsZ,
    model_id: Type.String(),
    score_metrics: Type.Record(Type.String(), NullableNumber),
    score_ranking: Type.Object({
      key: Type.String(),
      value: NullableNumber,
      direction: Type.String(),
      /** window → scored rounds behind its score, where the competition counts them */
      rounds: Type.Optional(Type.Record(Type.String(), Count)),
      /** why the rounds are not enough to be ranked by the score */
      unranked: Type.Optional(Type.String()),
    }),
    rank: Type.Integer(),
    model_name: NullableText,
    cruncher_name: NullableText,
    username: NullableText,
    /** today's, also of a ranking of the past */
    status: ModelPresence,
  },
  { title: 'LeaderboardEntry', additionalProperties: true },
);
export type LeaderboardEntry = Static<typeof LeaderboardEntry>;
