import type { TradingOrder } from '../../model-base.ts';

/** Largest single order of an example, in units of capital. */
export const LOT = 100;

export const nothing: TradingOrder = { action: 'buy', amount: 0 };

/** More than 0 buys, less sells; the size is the share of a lot, whole units. */
export function orderFor(conviction: number): TradingOrder {
  const amount = Math.round(Math.min(1, Math.abs(conviction)) * LOT);
  return amount === 0 ? nothing : { action: conviction > 0 ? 'buy' : 'sell', amount };
}
