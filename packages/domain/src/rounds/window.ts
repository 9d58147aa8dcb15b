import type { FeedRecorded } from '@crunch-node/streams';

/** The newest records of one feed, ascending by `ts_event`. */
export type Window = readonly FeedRecorded[];

/**
 * Inserts by time and keeps the newest `size`; several that share a time stay in order of arrival. Of two versions of a
 * record the first one recorded stays.
 */
export function insertRecord(window: Window, record: FeedRecorded, size: number): Window {
  let place = window.length;
  while (place > 0 && window[place - 1]!.data.ts_event > record.data.ts_event) place--;
  for (let i = place - 1; i >= 0 && window[i]!.data.ts_event === record.data.ts_event; i--) {
    if (window[i]!.id === record.id) return window;
  }
  if (place === 0 && window.length >= size) return window;
  const longer = [...window.slice(0, place), record, ...window.slice(place)];
  return longer.length > size ? longer.slice(longer.length - size) : longer;
}
