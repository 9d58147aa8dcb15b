import { minute, percent, shortHash, table } from './text.ts';

/** The shown fields of `GET /reports/checkpoints`. */
export interface CheckpointRow {
  readonly id: string;
  readonly status: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly merkle_root?: string | null;
  readonly entries: readonly {
    readonly cruncher_rewards: readonly { readonly cruncher_index: number; readonly reward_pct: number }[];
  }[];
  readonly meta: {
    readonly ranking: readonly {
      readonly rank: number;
      readonly model_id: string;
      readonly model_name?: string | null;
    }[];
  };
}

/** Shares of an emission are parts of this. */
const WHOLE = 1_000_000_000;

export function checkpointText(checkpoint: CheckpointRow | undefined): string {
  if (checkpoint === undefined) return '  none yet';
  const { id, status, period_start, period_end, merkle_root, entries, meta } = checkpoint;
  const rewards = new Map(entries[0]?.cruncher_rewards.map((reward) => [reward.cruncher_index, reward.reward_pct]));
  const rows = meta.ranking.map(({ rank, model_id, model_name }, index) => [
    String(rank),
    model_name ?? model_id,
    percent(rewards.get(index) ?? 0, WHOLE),
  ]);
  const root = merkle_root ? `, Merkle root ${shortHash(merkle_root)}…` : '';
  return [
    `  ${id} (${status}), ${minute(period_start)} to ${minute(period_end)}${root}`,
    table([{ title: '#', align: 'right' }, { title: 'model' }, { title: 'emission', align: 'right' }], rows),
  ].join('\n');
}
