import { deviation, mean, ratio } from '../../indicators.ts';
import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing, orderFor } from './orders.ts';

const LOOKBACK = 60;
/** standard deviations from the mean of the hour */
const STRETCHED = 2;

/** Bets on the way back when the price is far from its mean of the last hour. */
export class ReversionTrader extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    const closes = this.closes(subject).slice(-LOOKBACK);
    const last = closes.at(-1);
    if (last === undefined) return nothing;
    const distance = ratio(last - mean(closes), deviation(closes));
    return Math.abs(distance) < STRETCHED ? nothing : orderFor(-distance / 4);
  }
}
