import { byCodePoint, type Json, type JsonObject } from '@crunch-node/streams';
import { shortened } from '../rounds/refused-output.ts';
import { dataRoom, type EventLimit, fits, jsonBytes } from './event-room.ts';

interface Summary {
  readonly result_summary: JsonObject;
  readonly unavailable: Readonly<Record<string, string>>;
}

const NAMES_LIMIT = 300;

/**
 * A summary that fits into an event: it has half of the room, its reasons a quarter. Numbers come before everything
 * else, short ones before long ones; fields left out are named.
 */
export function fitSummary({ result_summary, unavailable }: Summary, limit: EventLimit): Summary {
  const room = dataRoom(limit);
  const reasons = keptWithin(unavailable, room / 4);
  const summary = keptWithin(result_summary, room / 2);
  const left = [...summary.left, ...reasons.left];
  if (left.length === 0) return { result_summary, unavailable };
  const names = shortened(left.join(', '), NAMES_LIMIT);
  const reason = `${left.length} entries do not fit in the ${Math.floor(room / 2)} bytes of a summary: ${names}`;
  return { result_summary: summary.kept, unavailable: { ...reasons.kept, result_summary: reason } };
}

function keptWithin<T extends Json>(record: Readonly<Record<string, T>>, room: number) {
  if (fits(record, room)) return { kept: record, left: [] };
  const entries = Object.entries(record).map(([key, value]) => ({
    key,
    value,
    bytes: jsonBytes(key) + jsonBytes(value) + 2,
  }));
  const rank = ({ value }: { value: T }): number => (typeof value === 'number' ? 0 : 1);
  const order = [...entries].sort((a, b) => rank(a) - rank(b) || a.bytes - b.bytes || byCodePoint(a.key, b.key));
  let used = 2;
  const kept = new Set<string>();
  for (const { key, bytes } of order) {
    if (used + bytes > room) break;
    used += bytes;
    kept.add(key);
  }
  return {
    kept: Object.fromEntries(entries.filter(({ key }) => kept.has(key)).map(({ key, value }) => [key, value])),
    left: entries.filter(({ key }) => !kept.has(key)).map(({ key }) => key),
  };
}
