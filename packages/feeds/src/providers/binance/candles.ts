import { type FeedRecord, readTime } from '@crunch-node/domain';
import { type FeedKey, feedKeyText } from '@crunch-node/streams';
import { granularitySeconds } from '../../granularity.ts';
import { followSequence } from '../../live/without-holes.ts';
import type { FeedReports, SubjectPage } from '../../provider.ts';
import { candleRecord, gridPlace } from '../../record.ts';
import { shown } from '../../shown.ts';
import { faultOf } from '../../validate-record.ts';
import { type BinanceContext, type BinanceKind, decimal, type Range } from './kind.ts';
import { listenToStreams } from './streamed.ts';

const MAX_ROWS = 1_000;

/** Closed candles: of the past by pages, live by a stream. Binance's names for their lengths are ours. */
export function candles(context: BinanceContext): BinanceKind {
  const { market, clock, reports } = context;
  const page = (key: FeedKey, range: Range, signal?: AbortSignal) => klinePage(context, key, range, signal);
  return {
    history: (granularity) =>
      market.granularities.includes(granularity)
        ? null
        : `Binance has candles of ${market.granularities.join(', ')} on its ${market.name} market`,
    page,
    listen({ subjects, kind, granularity }, sink, signal) {
      const keyFor = (subject: string): FeedKey => ({ source: market.source, subject, kind, granularity });
      const stepMs = granularitySeconds(granularity) * 1000;
      // One candle more than needed: our clock may be ahead of the exchange's, and duplicates do no harm.
      const start = clock.nowMs() - (clock.nowMs() % stepMs) - stepMs;
      const streamed = {
        subjects,
        stream: `kline_${granularity}`,
        parse({ e, s, k }: Readonly<Record<string, unknown>>) {
          const { x, i, t, o, h, l, c, v } = (k ?? {}) as Readonly<Record<string, unknown>>;
          if (e !== 'kline' || x !== true || i !== granularity || typeof s !== 'string' || !subjects.includes(s)) {
            return null;
          }
          const record = candleOf(keyFor(s), t, [o, h, l, c, v], reports);
          // One that came garbled is a hole, which REST fills.
          return record === null ? null : { subject: s, position: BigInt(record.ts_event), record };
        },
        follow: (subject: string) =>
          followSequence({
            feed: feedKeyText(keyFor(subject)),
            subject,
            step: BigInt(stepMs),
            start: BigInt(start),
            sink,
            clock,
            reports,
            signal,
            completeTo: ({ at }) => at,
            async page(from) {
              const range = { startMs: Number(from ?? start), endMs: clock.nowMs(), limit: MAX_ROWS };
              const answer = await page(keyFor(subject), range, signal);
              if ('error' in answer) throw answer.error;
              const places = answer.records.map((record) => ({ position: BigInt(record.ts_event), record }));
              return { places, next: answer.nextStartMs === null ? null : BigInt(answer.nextStartMs) };
            },
          }),
      };
      return listenToStreams(context, streamed, signal);
    },
  };
}

async function klinePage(
  { market, rest, reports }: BinanceContext,
  key: FeedKey,
  { startMs, endMs, limit }: Range,
  signal?: AbortSignal,
): Promise<SubjectPage> {
  const rows = Math.min(Math.max(1, Math.floor(limit)), MAX_ROWS);
  const stepMs = granularitySeconds(key.granularity) * 1000;
  const query = {
    symbol: key.subject,
    interval: key.granularity,
    startTime: Math.max(0, Math.floor(startMs)),
    // To the end of the last interval: a candle of it may have begun late.
    endTime: Math.floor(endMs / stepMs) * stepMs + stepMs - 1,
    limit: rows,
  };
  const { body, serverMs } = await rest.get(`${market.api}/klines`, query, market.weights.klines, signal);
  if (!Array.isArray(body)) throw new TypeError(`expected a list of candles from Binance, received ${typeof body}`);
  const records: FeedRecord[] = [];
  let lastOpenMs: number | null = null;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const row of body as unknown[]) {
    const cells: readonly unknown[] = Array.isArray(row) ? row : [];
    // The candle that is still growing comes with the others; its values are not known yet.
    if (typeof cells[6] === 'number' && cells[6] >= serverMs) continue;
    const time = readTime(cells[0], 'ms');
    const seenMs: number = lastOpenMs ?? Math.floor(startMs) + (rows - 1) * stepMs;
    lastOpenMs = 'ms' in time ? time.ms : seenMs;
    const record = candleOf(key, cells[0], cells.slice(1, 6), reports);
    if (record === null) continue;
    if (record.ts_event > newestMs) {
      newestMs = record.ts_event;
      records.push(record);
      continue;
    }
    const detail = `open ${shown(cells[0])} lies in the interval at ${record.ts_event}, which has a candle`;
    reports.rejected({ reason: 'duplicate', detail, origin: `binance ${key.subject} ${shown(cells[0])}` });
  }
  const isFull = body.length >= rows && lastOpenMs !== null;
  return {
    subject: key.subject,
    records,
    nextStartMs: isFull ? gridPlace(key.granularity, lastOpenMs!).openMs + stepMs : null,
  };
}

/** Of open, high, low, close and volume as Binance writes them, in texts. Null, and reported, when it is no candle. */
function candleOf(key: FeedKey, openMs: unknown, cells: readonly unknown[], reports: FeedReports): FeedRecord | null {
  const origin = `binance ${key.subject} ${shown(openMs)}`;
  if (cells.length < 5 || cells.some((cell) => cell === undefined || cell === '')) {
    reports.rejected({ reason: 'missing_field', detail: shown(cells), origin });
    return null;
  }
  const time = readTime(openMs, 'ms');
  if ('fault' in time) {
    reports.rejected({ reason: 'bad_time', detail: time.fault, origin });
    return null;
  }
  const [open, high, low, close, volume] = cells.map(decimal) as [number, number, number, number, number];
  const { openMs: gridMs, metadata } = gridPlace(key.granularity, time.ms);
  const record = candleRecord(key, gridMs, { open, high, low, close, volume }, metadata);
  const fault = faultOf(record);
  if (fault === null) return record;
  reports.rejected({ ...fault, origin });
  return null;
}
