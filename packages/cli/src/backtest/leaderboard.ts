import type { Report } from '@crunch-node/backtest';
import type { LeaderboardRow } from '../show/leaderboard.ts';

/** The ranks models would have among those ranked now, by the same key. @throws when the API does not respond */
export async function standingText(report: Report, url: string, key?: string): Promise<string> {
  const address = `${url.replace(/\/+$/, '')}/reports/leaderboard`;
  const response = await fetch(address, key === undefined ? {} : { headers: { 'x-api-key': key } });
  if (!response.ok) {
    throw new Error(`expected ${address} to answer, received ${response.status} ${response.statusText}`);
  }
  const rows = (await response.json()) as readonly LeaderboardRow[];
  const { ranking_key } = report;
  const ranked = rows.flatMap(({ score_metrics }) => {
    const value = score_metrics[ranking_key];
    return typeof value === 'number' ? [value] : [];
  });
  const lines = report.models.map(({ model_name, leaderboard }) => {
    const own = leaderboard[ranking_key];
    if (typeof own !== 'number') return `  ${model_name} has no ${ranking_key}`;
    const before = ranked.filter((value) => (report.ranking_direction === 'asc' ? value < own : value > own)).length;
    return `  ${model_name} would be number ${before + 1} of ${ranked.length + 1}`;
  });
  const days = 'its days are others than those of the backtest';
  return `Against the leaderboard of ${url}, by ${ranking_key}; ${days}\n${lines.join('\n')}`;
}
