import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableText, TsZ } from '../values/schemas.ts';

const Hash = Type.String({ description: 'SHA-256, lower-case hex' });

export const MerkleCycle = Type.Object(
  {
    id: Type.String(),
    previous_cycle_id: NullableText,
    previous_cycle_root: NullableText,
    snapshots_root: Hash,
    chained_root: Hash,
    snapshot_count: Count,
    created_at: TsZ,
  },
  { title: 'MerkleCycle' },
);
export type MerkleCycle = Static<typeof MerkleCycle>;

const Step = Type.Object(
  {
    hash: Hash,
    position: Type.Unsafe<'left' | 'right'>({
      type: 'string',
      enum: ['left', 'right'],
      description: 'side of the sibling',
    }),
  },
  { title: 'Step' },
);

export const MerkleProof = Type.Object(
  {
    snapshot_id: Type.String(),
    snapshot_content_hash: Hash,
    cycle_id: Type.String(),
    /** the chained root */
    cycle_root: Hash,
    checkpoint_id: NullableText,
    merkle_root: NullableText,
    /** from the snapshot to the cycle's `snapshots_root` */
    path: Type.Array(Step),
    /** from `cycle_root` to the checkpoint's `merkle_root`; empty also while there is no checkpoint */
    checkpoint_path: Type.Array(Step),
  },
  { title: 'MerkleProof' },
);
export type MerkleProof = Static<typeof MerkleProof>;
