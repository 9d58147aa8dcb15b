import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import type { FeedReports } from '../../provider.ts';
import { type BinanceContext, type BinanceKind, decimal } from './kind.ts';
import { observation, observeSubjects } from './observed.ts';

const SETTLED_A_PAGE = 1_000;
/** How long observations wait for the settled rate before they continue without it. */
const SETTLEMENT_PATIENCE_MS = 60_000;

/**
 * Funding of USD-M perpetuals. Live: the current rate, at every poll, and each rate when it has been settled. Of the
 * past only the settled rates are kept; they are the same records, with `metadata.settled`.
 */
export function funding(context: BinanceContext): BinanceKind {
  const { futures, clock, reports } = context;
  const settledFrom = async (key: FeedKey, startMs: number, endMs: number, limit: number, signal?: AbortSignal) => {
    const query = { symbol: key.subject, startTime: startMs, endTime: endMs, limit };
    const { body } = await futures.get('/fapi/v1/fundingRate', query, 1, signal);
    if (!Array.isArray(body)) throw new TypeError(`expected funding rates from Binance, received ${typeof body}`);
    return body as readonly unknown[];
  };
  return {
    history: () => null,
    async page(key, { startMs, endMs, limit }, signal) {
      const rows = Math.min(Math.max(1, Math.floor(limit)), SETTLED_A_PAGE);
      const found = await settledFrom(key, Math.floor(startMs), Math.floor(endMs), rows, signal);
      const records = found.flatMap((row) => settled(key, row, reports));
      const last = records.at(-1);
      const isFull = found.length >= rows && last !== undefined && last.ts_event < endMs;
      return { subject: key.subject, records, nextStartMs: isFull ? last.ts_event + 1 : null };
    },
    listen(request, sink, signal) {
      /** per subject: when the next settlement is due */
      const due = new Map<string, number>();
      return observeSubjects(context, request, sink, signal, async (key) => {
        const { subject } = key;
        const { body } = await futures.get('/fapi/v1/premiumIndex', { symbol: subject }, 1, signal);
        const standing = (body ?? {}) as Readonly<Record<string, unknown>>;
        const nextMs = decimal(standing.nextFundingTime);
        const observed = observedRate(key, standing, nextMs, clock.nowMs(), reports);
        if (observed.length === 0) return [];
        const dueMs = due.get(subject) ?? nextMs;
        if (nextMs <= dueMs) {
          due.set(subject, dueMs);
          return observed;
        }
        const rows = await settledFrom(key, dueMs, clock.nowMs(), SETTLED_A_PAGE, signal);
        const rates = rows.flatMap((row) => settled(key, row, reports));
        if (rates.length === 0 && clock.nowMs() < dueMs + SETTLEMENT_PATIENCE_MS) return [];
        due.set(subject, nextMs);
        return [...rates, ...observed];
      });
    },
  };
}

function observedRate(
  key: FeedKey,
  { lastFundingRate, markPrice, indexPrice, time }: Readonly<Record<string, unknown>>,
  nextMs: number,
  nowMs: number,
  reports: FeedReports,
): FeedRecord[] {
  const [mark, index] = [decimal(markPrice), decimal(indexPrice)];
  const values = {
    funding_rate: decimal(lastFundingRate),
    mark_price: mark,
    index_price: index,
    basis: index > 0 ? (mark - index) / index : 0,
    next_funding_ts: Math.floor(nextMs / 1000),
  };
  return observation(key, Number.isSafeInteger(time) ? (time as number) : nowMs, values, reports);
}

/** A rate that was paid. What the exchange does not keep of that moment is null. */
function settled(key: FeedKey, row: unknown, reports: FeedReports): FeedRecord[] {
  const { fundingRate, fundingTime, markPrice } = (row ?? {}) as Readonly<Record<string, unknown>>;
  const mark = decimal(markPrice);
  const values = {
    funding_rate: decimal(fundingRate),
    mark_price: Number.isFinite(mark) ? mark : null,
    index_price: null,
    basis: null,
    next_funding_ts: null,
  };
  return observation(key, fundingTime, values, reports, { settled: true });
}
