import type { RankChange, WhatIf } from '@crunch-node/operations/recompute';
import { count, decimal, minute, table } from './text.ts';

/** Both leaderboards side by side, in the order of the other one. */
export function whatIfText({ at, cycles, ranking, rewards, streams }: WhatIf): string {
  if (at === null) return '  no cycle has closed in that time';
  const moved = ranking.filter(({ published, otherwise }) => published?.rank !== otherwise?.rank).length;
  const shares = new Map(rewards.map((reward) => [reward.model_id, reward]));
  const lines = [
    table(
      [
        { title: '#', align: 'right' },
        { title: 'was', align: 'right' },
        { title: 'model' },
        { title: 'score', align: 'right' },
        { title: 'published', align: 'right' },
        ...(rewards.length > 0 ? ['reward', 'published'] : []).map((title) => ({ title, align: 'right' as const })),
      ],
      ranking.map((change) => {
        const share = shares.get(change.model_id);
        return [
          String(change.otherwise?.rank ?? '–'),
          movedText(change),
          change.model_name ?? change.model_id,
          decimal(change.otherwise?.score),
          decimal(change.published?.score),
          ...(rewards.length > 0 ? [rewardText(share?.otherwise), rewardText(share?.published)] : []),
        ];
      }),
    ),
    '',
    `  ${moved} of ${ranking.length} models stand elsewhere after ${count(cycles)} cycles, up to ${minute(at)}`,
    `  events that differ: ${streams
      .map(({ stream, differences, events }) => `${stream} ${count(differences)} of ${count(events)}`)
      .join(', ')}`,
  ];
  return lines.join('\n');
}

const movedText = ({ published, otherwise }: RankChange): string => {
  if (published === null) return '–';
  const by = otherwise === null ? 0 : published.rank - otherwise.rank;
  if (by === 0) return String(published.rank);
  return `${published.rank} ${by > 0 ? `▲${by}` : `▼${-by}`}`;
};

const rewardText = (share: number | null | undefined): string =>
  share === undefined || share === null ? '–' : `${(share / 10_000_000).toFixed(2)} %`;
