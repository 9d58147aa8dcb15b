import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, feedKeyText } from '@crunch-node/streams';

/**
 * The newest `size` records in order of `ts_event`, with `record` among them. The first of several with one identity
 * (`ts_event` and ordinal) wins; several that share a `ts_event` stay in order of arrival. Returns `records` itself
 * when nothing changed, never changes it.
 */
export function withRecord(records: readonly FeedRecord[], record: FeedRecord, size: number): readonly FeedRecord[] {
  let place = records.length;
  for (; place > 0; place--) {
    const before = records[place - 1]!;
    if (before.ts_event < record.ts_event) break;
    if (before.ts_event === record.ts_event && before.ordinal === record.ordinal) return records;
  }
  // Equal times are searched to the last for a duplicate; a newcomer goes behind them.
  while (place < records.length && records[place]!.ts_event === record.ts_event) place++;
  if (records.length < size) return [...records.slice(0, place), record, ...records.slice(place)];
  if (place === 0) return records;
  const kept = records.length + 1 - size;
  return [...records.slice(kept, place), record, ...records.slice(place)];
}

/** The newest records of each feed. What {@link FeedWindow.of} returned stays as it was when more records come. */
export class FeedWindow {
  readonly size: number;
  readonly #records = new Map<string, readonly FeedRecord[]>();

  constructor(size: number) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`expected a window of at least 1, received ${size}`);
    this.size = size;
  }

  /** The window of the record's feed, with the record unless it is a duplicate or older than a full window. */
  add(record: FeedRecord): readonly FeedRecord[] {
    const key = feedKeyText(record);
    const records = withRecord(this.#records.get(key) ?? [], record, this.size);
    this.#records.set(key, records);
    return records;
  }

  /** Ascending by `ts_event`; empty for a feed that has said nothing. */
  of(key: FeedKey): readonly FeedRecord[] {
    return this.#records.get(feedKeyText(key)) ?? [];
  }
}
