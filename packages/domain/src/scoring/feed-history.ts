import { byCodePoint, type FeedRecorded, feedKeyText, type Instant } from '@crunch-node/streams';
import type { FeedRecord } from '../feed-record.ts';

/** Records of one feed in order of `at`, with their event ids. */
export interface FeedHistory {
  readonly ids: readonly string[];
  readonly records: readonly FeedRecord[];
}

/** Feed key text → records of that feed that are still needed. */
export type FeedHistories = Readonly<Record<string, FeedHistory>>;

export const noHistory: FeedHistory = { ids: [], records: [] };

/** Adds records that are not late: one at or before the end of a closed cycle never becomes ground truth. */
export function remember(
  histories: FeedHistories,
  recorded: readonly FeedRecorded[],
  closedUntil: Instant | null,
): FeedHistories {
  const arrived = new Map<string, FeedRecorded[]>();
  for (const event of recorded) {
    if (closedUntil !== null && event.at <= closedUntil) continue;
    const key = feedKeyText(event.data);
    const events = arrived.get(key);
    if (events === undefined) arrived.set(key, [event]);
    else events.push(event);
  }
  const next: Record<string, FeedHistory> = { ...histories };
  for (const [key, events] of arrived) next[key] = extend(next[key] ?? noHistory, events);
  return next;
}

interface Stored {
  readonly id: string;
  readonly record: FeedRecord;
}

function extend(history: FeedHistory, events: readonly FeedRecorded[]): FeedHistory {
  let stored: Stored[] = events.map(({ id, at, data }) => ({ id, record: { ...data, at } }));
  const lastKnown = history.records.at(-1);
  stored.sort(inTime);
  // Records may arrive ahead of their cycle, and the next cycle bring earlier ones of the same feed.
  const overlaps = lastKnown !== undefined && stored[0] !== undefined && stored[0].record.at <= lastKnown.at;
  if (overlaps) stored = [...history.ids.map((id, i) => ({ id, record: history.records[i]! })), ...stored].sort(inTime);
  stored = stored.filter(({ id }, i) => i === 0 || id !== stored[i - 1]!.id);
  const ids = stored.map(({ id }) => id);
  const records = stored.map(({ record }) => record);
  return overlaps ? { ids, records } : { ids: [...history.ids, ...ids], records: [...history.records, ...records] };
}

/** Trade ids are numbers of growing length: the shorter one is the earlier one. */
const inTime = (a: Stored, b: Stored): number =>
  byCodePoint(a.record.at, b.record.at) ||
  a.record.ts_event - b.record.ts_event ||
  a.id.length - b.id.length ||
  byCodePoint(a.id, b.id);

/** How many records are at or before a moment; also the index of the first one after it. */
export function countUntil({ records }: FeedHistory, moment: Instant): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.at <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Forgets records that no round performed at or after `needed[key]`, or after the cycle just closed, can need. The record
 * before is kept: it is the entry of such a round.
 */
export function forget(histories: FeedHistories, needed: ReadonlyMap<string, Instant>, closed: Instant): FeedHistories {
  return Object.fromEntries(
    Object.entries(histories).map(([key, history]) => {
      const pending = needed.get(key);
      const from = Math.max(0, countUntil(history, pending !== undefined && pending < closed ? pending : closed) - 1);
      return [key, from === 0 ? history : { ids: history.ids.slice(from), records: history.records.slice(from) }];
    }),
  );
}
