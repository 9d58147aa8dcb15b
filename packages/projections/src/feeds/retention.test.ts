import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FeedEvent, FeedRecorded, FeedsCycleClosed, instantOfMillis } from '@crunch-node/streams';
import fc from 'fast-check';
import type { AppliedEvent, ClosedCycles } from '../closings.ts';
import { feedsProjection } from './projection.ts';

const START = Date.UTC(2026, 0, 1);
const minute = (n: number) => instantOfMillis(START + n * 60_000);

const record = (n: number): FeedEvent =>
  FeedRecorded.at(minute(n + 1), {
    source: 'test',
    subject: 'BTC',
    kind: 'candle',
    granularity: '1m',
    ts_event: START + n * 60_000,
    values: { close: n },
  });
const closing = (n: number, kept: number | null): FeedEvent =>
  FeedsCycleClosed.at(minute(n), {
    start: n === 1 ? null : minute(n - 1),
    end: minute(n),
    config_hash: 'h',
    ...(kept !== null && { records_kept_from: minute(n - kept) }),
  });

/** The table as `write` would leave it, and how often something was counted. */
function tableAfter(batches: readonly (readonly AppliedEvent<FeedEvent>[])[]) {
  let closings: ClosedCycles = {};
  let table: { record_id: string; ts_event: string }[] = [];
  let counted = 0;
  for (const batch of batches) {
    const applied = feedsProjection.apply(batch, closings);
    closings = applied.closings;
    const { feed_records, kept_from = '' } = applied.rows as typeof applied.rows & { kept_from?: string };
    for (const row of feed_records) {
      if (table.some(({ record_id }) => record_id === row.record_id)) continue;
      table.push(row);
      counted += 1;
    }
    table = table.filter(({ ts_event }) => ts_event >= kept_from);
  }
  return { ids: table.map(({ record_id }) => record_id), counted, closings };
}

const recorded = (events: readonly FeedEvent[]): AppliedEvent<FeedEvent>[] =>
  events.map((event, i) => ({ event, obs: undefined, sequence: i + 1 }));

describe('the retention of feed records', () => {
  it('keeps all where no closing limits it', () => {
    const { ids, closings } = tableAfter([recorded([record(0), closing(1, null), record(1), closing(1_000, null)])]);
    assert.equal(ids.length, 2);
    assert.deepEqual(Object.keys(closings), ['feeds']);
  });

  it('deletes those older than the bound of a closing, and does not add them again', () => {
    const events = [
      record(0),
      closing(1, 5),
      record(1),
      record(2),
      closing(7, 5),
      record(1),
      record(6),
      closing(8, 50),
    ];
    const { ids, counted } = tableAfter([recorded(events)]);
    assert.deepEqual(ids, [record(2).id, record(6).id]);
    assert.equal(counted, 4, 'what is gone is not counted again');
  });

  it('gives the same rows however the log is cut into batches', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(30), fc.integer({ min: -1, max: 8 })), { maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 8 }),
        (values, cuts) => {
          let end = 0;
          const events = values.map(([n, kept], i) => {
            if (i % 3 !== 2) return record(n);
            end += 1 + (n % 5);
            return closing(end, kept < 0 ? null : kept);
          });
          const all = recorded(events);
          const places = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
          const batches = places.slice(1).map((place, i) => all.slice(places[i], place));
          assert.deepEqual(tableAfter(batches), tableAfter(all.map((one) => [one])));
        },
      ),
    ));
});
