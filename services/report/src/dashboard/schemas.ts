import { type Static, Type } from '@sinclair/typebox';
import { NullableText, OpenObject } from '../values/schemas.ts';

export const LeaderboardColumn = Type.Object(
  {
    id: Type.Integer(),
    type: Type.String(),
    property: Type.String(),
    format: NullableText,
    displayName: Type.String(),
    tooltip: NullableText,
    nativeConfiguration: Type.Union([OpenObject, Type.Null()]),
    order: Type.Integer(),
  },
  { title: 'LeaderboardColumn' },
);
export type LeaderboardColumn = Static<typeof LeaderboardColumn>;

export const MetricsWidget = Type.Object(
  {
    id: Type.Integer(),
    type: Type.String(),
    displayName: Type.String(),
    tooltip: NullableText,
    order: Type.Integer(),
    endpointUrl: Type.String(),
    nativeConfiguration: Type.Union([OpenObject, Type.Null()]),
  },
  { title: 'MetricsWidget' },
);
export type MetricsWidget = Static<typeof MetricsWidget>;

export const ReportSchema = Type.Object(
  {
    schema_version: Type.String(),
    leaderboard_columns: Type.Array(LeaderboardColumn),
    metrics_widgets: Type.Array(MetricsWidget),
  },
  { title: 'ReportSchema' },
);
