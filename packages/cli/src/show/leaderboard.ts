import { decimal, table } from './text.ts';

/** A row of `GET /reports/leaderboard`. */
export interface LeaderboardRow {
  readonly rank: number;
  readonly model_id: string;
  readonly model_name: string | null;
  readonly cruncher_name: string | null;
  readonly score_metrics: Readonly<Record<string, number | null>>;
}

/** @param names windows and metrics, in the order of their columns */
export function leaderboardText(rows: readonly LeaderboardRow[], names: readonly string[]): string {
  if (rows.length === 0) return '  nobody is ranked yet';
  return table(
    [
      { title: '#', align: 'right' },
      { title: 'model' },
      { title: 'cruncher' },
      ...names.map((title) => ({ title, align: 'right' as const })),
    ],
    rows.map(({ rank, model_id, model_name, cruncher_name, score_metrics }) => [
      String(rank),
      model_name ?? model_id,
      cruncher_name ?? '–',
      ...names.map((name) => decimal(score_metrics[name])),
    ]),
  );
}
