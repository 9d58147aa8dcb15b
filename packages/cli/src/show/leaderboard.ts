import { decimal, table } from './text.ts';

/** A row of `GET /reports/leaderboard`. */
export interface LeaderboardRow {
  readonly rank: number;
  readonly model_id: string;
  readonly model_name: string | null;
  readonly cruncher_name: string | null;
  readonly score_metrics: Readonly<Record<string, number | null>>;
  readonly score_ranking?: { readonly rounds?: Readonly<Record<string, number>>; readonly unranked?: string };
  readonly status?: string;
}

/** @param names windows and metrics, in the order of their columns */
export function leaderboardText(rows: readonly LeaderboardRow[], names: readonly string[]): string {
  if (rows.length === 0) return '  no model is ranked yet';
  const counted = names.filter((name) => rows.some(({ score_ranking }) => score_ranking?.rounds?.[name] !== undefined));
  return table(
    [
      { title: '#', align: 'right' },
      { title: 'model' },
      { title: 'cruncher' },
      ...names.flatMap((name) => [name, ...(counted.includes(name) ? ['n'] : [])].map(rightAligned)),
    ],
    rows.map(({ rank, model_id, model_name, cruncher_name, score_metrics, score_ranking, status }) => [
      String(rank),
      `${model_name ?? model_id}${status === 'inactive' ? ' (left)' : ''}`,
      cruncher_name ?? '–',
      ...names.flatMap((name) => [
        decimal(score_metrics[name]),
        ...(counted.includes(name) ? [String(score_ranking?.rounds?.[name] ?? '–')] : []),
      ]),
    ]),
  );
}

const rightAligned = (title: string) => ({ title, align: 'right' as const });
