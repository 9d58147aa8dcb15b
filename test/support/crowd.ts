/** A leaderboard of many models, some with names meant to break pages. */
import type { Sample } from '@crunch-node/projections/testing';
import { addSeconds, type Instant, LeaderboardRanked, leaderboards, ModelJoined, models } from '@crunch-node/streams';

const start: Instant = '2026-11-21T19:00:00.000000Z';

/** Names a participant might choose. */
export const HOSTILE = [
  '<script>document.title="run"</script>',
  'x'.repeat(300),
  '\u202Eevil \u05E9\u05DC\u05D5\u05DD',
  '  ',
  '"><img src=x onerror=alert(1)>',
];
export const CROWD = 1_000;

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1));

/** Two rankings of many models, a minute apart, in which places change. */
export function crowd(count = CROWD, ids: readonly string[] = numbered(count)): Sample[] {
  const joined = ids.map((model_id, i) => ({
    stream: models,
    event: ModelJoined.at(start, {
      partition: 0,
      model_id,
      revision: 0,
      deployment_id: `dep${model_id}`,
      model_name: HOSTILE[i] ?? `model ${model_id}`,
      cruncher_id: `p${model_id}`,
      cruncher_name: `Player ${model_id}`,
    }),
  }));
  const ranked = [1, 2].map((minute) => {
    const at = addSeconds(start, 60 * minute);
    const entries = ids.map((model_id, i) => {
      const value = (count - i) / 10 + (minute === 2 ? (i % 3) / 20 : 0);
      const metrics = {
        score_recent: value,
        score_steady: value / 2,
        score_anchor: value / 3,
        ic: (i % 7) / 10,
        value,
      };
      const ranking = { key: 'score_recent', value, direction: 'desc' };
      return { rank: i + 1, model_id, score: { metrics, ranking } };
    });
    return {
      stream: leaderboards,
      event: LeaderboardRanked.at(at, { leaderboard_id: `LBR_${minute}`, cycle_end: at, entries, ensembles: [] }),
    };
  });
  return [...joined, ...ranked];
}
