import { type FeedRecord, readTime } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { ProviderClock } from '../../clock.ts';
import { granularitySeconds } from '../../granularity.ts';
import type { FeedReports, FetchRequest, SubjectPage } from '../../provider.ts';
import { candleRecord } from '../../record.ts';
import { plainText, shown } from '../../shown.ts';
import { faultOf } from '../../validate-record.ts';
import type { PythClient } from './client.ts';

/** What the history service calls the lengths of its candles. */
const RESOLUTIONS: Readonly<Record<string, string>> = {
  '1m': '1',
  '5m': '5',
  '15m': '15',
  '30m': '30',
  '1h': '60',
  '2h': '120',
  '4h': '240',
  '6h': '360',
  '12h': '720',
  '1d': 'D',
};

/** Lengths of candles that have a past. */
export const keptGranularities: readonly string[] = Object.keys(RESOLUTIONS);

export const isKept = (granularity: string): boolean => Object.hasOwn(RESOLUTIONS, granularity);

/** The history service refused, in its own words. */
export class HistoryRefused extends CrunchError {
  override readonly name = 'HistoryRefused';
  override readonly code = 'history_refused';
  readonly symbol: string;
  constructor(symbol: string, reason: string) {
    super(`Pyth has no history of ${symbol} for us: ${reason}`);
    this.symbol = symbol;
  }
}

const CANDLES_A_PAGE = 1_000;
const TOO_MANY = /too many|too (large|long|wide|big)|limit|points|range/i;

/** Closed candles of Pyth's history service. */
export interface Benchmarks {
  /** One page, oldest first; a range that is too much for the service is halved. @throws {HistoryRefused} */
  page(
    key: FeedKey,
    symbol: string,
    range: Pick<FetchRequest, 'startMs' | 'endMs' | 'limit'>,
    signal?: AbortSignal,
  ): Promise<SubjectPage>;
}

export function benchmarks(client: PythClient, clock: ProviderClock, reports: FeedReports): Benchmarks {
  return {
    async page(key, symbol, { startMs, endMs, limit }, signal) {
      const stepMs = granularitySeconds(key.granularity) * 1000;
      const firstMs = Math.ceil(startMs / stepMs) * stepMs;
      for (let candles = Math.min(Math.max(1, Math.floor(limit)), CANDLES_A_PAGE); ; ) {
        const lastMs = Math.min(endMs, firstMs + (candles - 1) * stepMs);
        if (lastMs < firstMs) return { subject: key.subject, records: [], nextStartMs: null };
        const query =
          `?symbol=${encodeURIComponent(symbol)}&resolution=${RESOLUTIONS[key.granularity]}` +
          `&from=${firstMs / 1000}&to=${Math.floor(lastMs / 1000)}`;
        const { body, headers } = await client.get('/v1/shims/tradingview/history', query, signal);
        const answer = (body ?? {}) as Readonly<Record<string, unknown>>;
        if (answer.s === 'ok' || answer.s === 'no_data') {
          const serverMs = Date.parse(headers.get('date') ?? '') || clock.nowMs();
          const isOf = (ms: number): boolean => ms >= firstMs && ms <= lastMs && ms + stepMs <= serverMs;
          const nextMs = Math.floor(lastMs / stepMs) * stepMs + stepMs;
          return {
            subject: key.subject,
            records: candlesOf(key, answer, reports).filter(({ ts_event }) => isOf(ts_event)),
            nextStartMs: nextMs <= endMs && nextMs + stepMs <= serverMs ? nextMs : null,
          };
        }
        const reason = plainText(answer.errmsg ?? `expected s to be ok, received ${shown(answer.s)}`);
        if (candles === 1 || !TOO_MANY.test(reason)) throw new HistoryRefused(symbol, reason);
        candles = Math.ceil(Math.min(candles, Math.floor((lastMs - firstMs) / stepMs) + 1) / 2);
      }
    },
  };
}

function candlesOf(
  key: FeedKey,
  { t, o, h, l, c }: Readonly<Record<string, unknown>>,
  reports: FeedReports,
): FeedRecord[] {
  const [times, open, high, low, close] = [t, o, h, l, c].map((list) => (Array.isArray(list) ? list : [])) as [
    unknown[],
    number[],
    number[],
    number[],
    number[],
  ];
  let lastMs = 0;
  return times.flatMap((seconds, i) => {
    const origin = `pyth ${key.subject} ${shown(seconds)}`;
    const fault = (reason: 'bad_time' | 'out_of_order', detail: string): [] => {
      reports.rejected({ reason, detail, origin });
      return [];
    };
    const time = readTime(seconds, 's');
    if ('fault' in time) return fault('bad_time', time.fault);
    const openMs = time.ms;
    if (openMs <= lastMs) return fault('out_of_order', shown(seconds));
    // As in the live candles: Pyth knows no volume.
    const bar = { open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]!, volume: 0 };
    const record = candleRecord(key, openMs, bar);
    const found = faultOf(record);
    if (found !== null) {
      reports.rejected({ ...found, origin });
      return [];
    }
    lastMs = openMs;
    return record;
  });
}
