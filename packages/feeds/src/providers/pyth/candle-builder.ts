import type { Bar } from '../../record.ts';

export interface BuiltCandle {
  readonly openMs: number;
  /** null: prices of it were missed, so that its values are unknown */
  readonly bar: Bar | null;
}

/**
 * Candles out of prices: the first, the extremes and the last of a bucket. The volume is 0, since Pyth knows none. A
 * candle is there when its bucket has ended, by a price of a later one or by the clock; a bucket without prices has none.
 */
export interface CandleBuilder {
  /** Prices may have been missed since the last one. */
  interrupted(): void;
  /** Prices ascend by time; what is older than the open bucket is passed over. */
  add(publishMs: number, price: number): BuiltCandle | null;
  /** The open candle, when its bucket is over by that time. */
  closeBy(nowMs: number): BuiltCandle | null;
}

export function candleBuilder(stepMs: number): CandleBuilder {
  let open: { openMs: number; first: number; high: number; low: number; last: number } | null = null;
  /** buckets from here on are seen whole; null: from the next price on */
  let coveredFromMs: number | null = null;
  let closedToMs = 0;

  function close(): BuiltCandle | null {
    if (open === null) return null;
    const { openMs, first, high, low, last } = open;
    const isWhole = coveredFromMs !== null && openMs >= coveredFromMs;
    open = null;
    closedToMs = openMs + stepMs;
    return { openMs, bar: isWhole ? { open: first, high, low, close: last, volume: 0 } : null };
  }

  return {
    interrupted() {
      coveredFromMs = null;
    },
    add(publishMs, price) {
      const openMs = publishMs - (publishMs % stepMs);
      if (publishMs < closedToMs || (open !== null && openMs < open.openMs)) return null;
      const closed = open !== null && openMs > open.openMs ? close() : null;
      if (open === null) open = { openMs, first: price, high: price, low: price, last: price };
      open.high = Math.max(open.high, price);
      open.low = Math.min(open.low, price);
      open.last = price;
      coveredFromMs ??= publishMs;
      return closed;
    },
    closeBy: (nowMs) => (open !== null && nowMs >= open.openMs + stepMs ? close() : null),
  };
}
