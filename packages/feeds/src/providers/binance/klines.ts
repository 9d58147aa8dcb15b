import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { granularitySeconds, isGranularity, UnknownGranularity } from '../../granularity.ts';
import type { FeedReports, FetchRequest, SubjectPage } from '../../provider.ts';
import { candleRecord } from '../../record.ts';
import { faultOf } from '../../validate-record.ts';
import type { BinanceRest } from './rest.ts';

/** Binance's names for the lengths of candles are ours. */
export function intervalOf(granularity: string): string {
  if (!isGranularity(granularity)) throw new UnknownGranularity(granularity);
  return granularity;
}

const MAX_ROWS = 1_000;

/** One page of a subject's closed candles, oldest first. */
export async function klinePage(
  rest: BinanceRest,
  key: FeedKey,
  { startMs, endMs, limit }: Pick<FetchRequest, 'startMs' | 'endMs' | 'limit'>,
  reports: FeedReports,
  signal?: AbortSignal,
): Promise<SubjectPage> {
  const rows = Math.min(Math.max(1, Math.floor(limit)), MAX_ROWS);
  const query = {
    symbol: key.subject,
    interval: intervalOf(key.granularity),
    startTime: Math.max(0, Math.floor(startMs)),
    endTime: Math.floor(endMs),
    limit: rows,
  };
  const { body, serverMs } = await rest.get('/api/v3/klines', query, signal);
  if (!Array.isArray(body)) throw new TypeError(`expected a list of candles from Binance, received ${typeof body}`);
  const records: FeedRecord[] = [];
  let lastOpenMs: number | null = null;
  for (const row of body as unknown[]) {
    const cells = Array.isArray(row) ? row : [];
    // The candle that is still growing comes with the others; its values are not known yet.
    if (typeof cells[6] === 'number' && cells[6] >= serverMs) continue;
    if (typeof cells[0] === 'number') lastOpenMs = cells[0];
    const record = candleOf(key, cells[0], cells.slice(1, 6), reports);
    if (record !== null) records.push(record);
  }
  const isFull = body.length >= rows && lastOpenMs !== null;
  return {
    subject: key.subject,
    records,
    nextStartMs: isFull ? lastOpenMs! + granularitySeconds(key.granularity) * 1000 : null,
  };
}

/** Of open, high, low, close and volume as Binance writes them, in texts. Null, and reported, when it is no candle. */
export function candleOf(
  key: FeedKey,
  openMs: unknown,
  cells: readonly unknown[],
  reports: FeedReports,
): FeedRecord | null {
  const origin = `binance ${key.subject} ${String(openMs)}`;
  if (cells.length < 5 || cells.some((cell) => cell === undefined || cell === '')) {
    reports.rejected({ reason: 'missing_field', detail: JSON.stringify(cells), origin });
    return null;
  }
  if (typeof openMs !== 'number' || !Number.isSafeInteger(openMs) || openMs <= 0) {
    reports.rejected({ reason: 'bad_time', detail: String(openMs), origin });
    return null;
  }
  const [open, high, low, close, volume] = cells.map(Number) as [number, number, number, number, number];
  const record = candleRecord(key, openMs, { open, high, low, close, volume });
  const fault = faultOf(record);
  if (fault === null) return record;
  reports.rejected({ ...fault, origin });
  return null;
}
