import { type FeedRecord, readTime } from '@crunch-node/domain';
import { type FeedKey, feedKeyText, instantOfMillis } from '@crunch-node/streams';
import { followSequence, type SequencePage, type SequencePlace } from '../../live/without-holes.ts';
import type { FeedReports, SubjectPage } from '../../provider.ts';
import { faultOf } from '../../validate-record.ts';
import type { BinanceContext, BinanceKind, Range } from './kind.ts';
import { listenToStreams } from './streamed.ts';
import { TRADES_A_PAGE, type Trade, type TradeTape } from './trade-tape.ts';

const HOUR = 3_600_000;
/** How much older than our clock the first trades wanted are: the exchange's clock may be behind ours. */
const OVERLAP_MS = 10_000;

/** Ticks that are trades: price and quantity at the time of trade, the trade's id in the record's. */
export function trades(context: BinanceContext, tape: TradeTape): BinanceKind {
  const { market, clock, reports } = context;
  const keyFor = (subject: string, kind: string, granularity: string): FeedKey => ({
    source: market.source,
    subject,
    kind,
    granularity,
  });
  return {
    history: () => null,
    page: (key, range, signal) => tradePage(tape, key, range, reports, signal),
    listen({ subjects, kind, granularity }, sink, signal) {
      const startMs = clock.nowMs() - OVERLAP_MS;
      const streamed = {
        subjects,
        stream: tape.stream,
        parse(data: Readonly<Record<string, unknown>>) {
          const trade = tape.parse(data);
          const subject = data.s;
          if (trade === null || typeof subject !== 'string' || !subjects.includes(subject)) return null;
          const record = tickOf(keyFor(subject, kind, granularity), trade, reports);
          return record === null || trade.id === null ? null : { subject, position: trade.id, record };
        },
        follow(subject: string) {
          const key = keyFor(subject, kind, granularity);
          return followSequence({
            feed: feedKeyText(key),
            subject,
            step: 1n,
            start: null,
            sink,
            clock,
            reports,
            signal,
            // Another trade of the same millisecond may follow.
            completeTo: ({ ts_event }) => instantOfMillis(ts_event - 1),
            page: (from) =>
              from === null
                ? firstPage(tape, key, startMs, reports, signal)
                : nextPage(tape, key, from, reports, signal),
          });
        },
      };
      return listenToStreams(context, streamed, signal);
    },
  };
}

/** The first trades wanted, or the newest ones when there were none lately. */
async function firstPage(
  tape: TradeTape,
  key: FeedKey,
  startMs: number,
  reports: FeedReports,
  signal: AbortSignal,
): Promise<SequencePage> {
  const found = await tape.between(key.subject, startMs, startMs + HOUR - 1, TRADES_A_PAGE, signal);
  const last = lastIdOf(found);
  if (last !== null) return { places: placesOf(key, found, reports), next: last + 1n };
  const newest = await tape.newestId(key.subject, signal);
  return { places: newest === null ? [] : [{ position: newest, record: null }], next: null };
}

async function nextPage(
  tape: TradeTape,
  key: FeedKey,
  from: bigint,
  reports: FeedReports,
  signal: AbortSignal,
): Promise<SequencePage> {
  const found = await tape.fromId(key.subject, from, signal);
  const last = lastIdOf(found);
  const isFull = found.length >= TRADES_A_PAGE && last !== null;
  return { places: placesOf(key, found, reports), next: isFull ? last + 1n : null };
}

/** A trade without an id is rejected; its neighbours are not. */
const lastIdOf = (found: readonly Trade[]): bigint | null => found.findLast(({ id }) => id !== null)?.id ?? null;

const placesOf = (key: FeedKey, found: readonly Trade[], reports: FeedReports): SequencePlace[] =>
  found.flatMap((trade) => {
    const record = tickOf(key, trade, reports);
    return trade.id === null ? [] : [{ position: trade.id, record }];
  });

/** Trades by time, at most an hour of them. A page never ends inside a millisecond. */
async function tradePage(
  tape: TradeTape,
  key: FeedKey,
  { startMs, endMs, limit }: Range,
  reports: FeedReports,
  signal?: AbortSignal,
): Promise<SubjectPage> {
  const { subject } = key;
  const rows = Math.min(Math.max(1, Math.floor(limit)), TRADES_A_PAGE);
  const untilMs = Math.min(Math.floor(endMs), Math.floor(startMs) + HOUR - 1);
  const from = (ms: number): number | null => (ms <= endMs ? ms : null);
  if (untilMs < startMs) return { subject, records: [], nextStartMs: null };
  const found = await tape.between(subject, Math.floor(startMs), untilMs, rows, signal);
  const records = (of: readonly Trade[]): FeedRecord[] => of.flatMap((trade) => tickOf(key, trade, reports) ?? []);
  const isTime = ({ timeMs }: Trade): boolean => 'ms' in readTime(timeMs, 'ms');
  const last = found.findLast(isTime);
  if (found.length < rows || last === undefined) {
    return { subject, records: records(found), nextStartMs: from(untilMs + 1) };
  }
  // A trade without a time belongs to this page alone, and is never where the next page begins.
  const whole = found.filter((trade) => !isTime(trade) || trade.timeMs < last.timeMs);
  if (whole.some(isTime)) return { subject, records: records(whole), nextStartMs: from(last.timeMs) };
  return {
    subject,
    records: records(await restOfMilli(tape, key, found, last.timeMs, signal)),
    nextStartMs: from(last.timeMs + 1),
  };
}

/** A whole page within one millisecond: the rest of that millisecond is fetched by id. */
async function restOfMilli(
  tape: TradeTape,
  { subject }: FeedKey,
  found: readonly Trade[],
  atMs: number,
  signal?: AbortSignal,
): Promise<readonly Trade[]> {
  const all = [...found];
  for (;;) {
    const lastId = lastIdOf(all);
    if (lastId === null) return all;
    const more = await tape.fromId(subject, lastId + 1n, signal);
    const same = more.filter(({ timeMs }) => timeMs === atMs);
    all.push(...same);
    if (same.length < TRADES_A_PAGE) return all;
  }
}

/** Null, and reported, when it is no trade. */
function tickOf(key: FeedKey, { id, price, quantity, timeMs }: Trade, reports: FeedReports): FeedRecord | null {
  const origin = `binance ${key.subject} trade ${id ?? 'without an id'}`;
  const time = readTime(timeMs, 'ms');
  if ('fault' in time) {
    reports.rejected({ reason: 'bad_time', detail: time.fault, origin });
    return null;
  }
  if (id === null || !Number.isFinite(quantity)) {
    reports.rejected({ reason: 'missing_field', detail: `id ${id}, quantity ${quantity}`, origin });
    return null;
  }
  const record: FeedRecord = {
    source: key.source,
    subject: key.subject,
    kind: key.kind,
    granularity: key.granularity,
    at: instantOfMillis(time.ms),
    ts_event: time.ms,
    ordinal: String(id),
    values: { price, quantity },
  };
  const fault = faultOf(record);
  if (fault === null) return record;
  reports.rejected({ ...fault, origin });
  return null;
}
