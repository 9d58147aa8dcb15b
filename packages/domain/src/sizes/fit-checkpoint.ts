import type { CheckpointCreated, CheckpointRanking } from '@crunch-node/streams';
import type { Aggregation } from '../leaderboards/aggregation.ts';
import { dataRoom, type EventLimit, fits, jsonBytes } from './event-room.ts';

type Data = CheckpointCreated['data'];
type Ranked = Pick<Aggregation, 'ranking_key' | 'value_field'>;

/**
 * A checkpoint that fits into an event. Where it is too large, summaries keep the ranked values only; then models that
 * earned nothing are left out from the end and counted, so that `cruncher_index` stays valid. Null when not even the
 * paid ones fit.
 */
export function fitCheckpoint(data: Data, aggregation: Ranked, limit: EventLimit): Data | null {
  const room = dataRoom(limit);
  if (fits(data, room)) return data;
  const short = { ...data, ranking: data.ranking.map((entry) => rankedBy(entry, aggregation)) };
  if (fits(short, room)) return short;
  const lastPaid = Math.max(-1, ...data.emission.cruncher_rewards.map(({ cruncher_index }) => cruncher_index));
  let used = jsonBytes({ ...short, ranking: [], ranking_omitted: data.ranking.length });
  let kept = 0;
  for (const entry of short.ranking) {
    used += jsonBytes(entry) + 1;
    if (used > room) break;
    kept += 1;
  }
  if (kept <= lastPaid) return null;
  return { ...short, ranking: short.ranking.slice(0, kept), ranking_omitted: data.ranking.length - kept };
}

function rankedBy(entry: CheckpointRanking, { ranking_key, value_field }: Ranked): CheckpointRanking {
  const { unavailable: _, ...about } = entry;
  const summary = Object.entries(entry.result_summary).filter(([key]) => key === ranking_key || key === value_field);
  return { ...about, result_summary: Object.fromEntries(summary) };
}
