import { type Static, Type } from '@sinclair/typebox';
import { Count, OpenObject, TsNaive } from '../values/schemas.ts';

export const Snapshot = Type.Object(
  {
    id: Type.String(),
    model_id: Type.String(),
    period_start: TsNaive,
    period_end: TsNaive,
    prediction_count: Count,
    failed_count: Count,
    result_summary: OpenObject,
    /** leaf of the cycle's Merkle tree */
    content_hash: Type.String(),
    /** the text it is the SHA-256 of */
    canonical: Type.String(),
    created_at: TsNaive,
  },
  { title: 'Snapshot' },
);
export type Snapshot = Static<typeof Snapshot>;
