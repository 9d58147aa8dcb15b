import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing, orderFor } from './orders.ts';

const LOOKBACK = 60;

/** Trades a whole lot when the price leaves the range of the last hour, and not otherwise. */
export class RangeBreaker extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    const closes = this.closes(subject).slice(-LOOKBACK - 1);
    const last = closes.at(-1);
    const before = closes.slice(0, -1);
    if (last === undefined || before.length < LOOKBACK) return nothing;
    if (last > Math.max(...before)) return orderFor(1);
    return last < Math.min(...before) ? orderFor(-1) : nothing;
  }
}
