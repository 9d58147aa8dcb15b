import { change, deviation, ratio, returns } from '../../indicators.ts';
import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing, orderFor } from './orders.ts';

const LOOKBACK = 30;
/** in units of the price's usual move in that time; below it there is no trend */
const CLEAR = 1;

/** Buys assets that have clearly been rising for half an hour, sells those that have been falling. */
export class TrendFollower extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    const closes = this.closes(subject);
    const usual = deviation(returns(closes)) * Math.sqrt(LOOKBACK);
    const trend = ratio(change(closes, LOOKBACK), usual);
    return Math.abs(trend) < CLEAR ? nothing : orderFor(trend / 4);
  }
}
