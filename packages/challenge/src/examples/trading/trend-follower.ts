import { change, deviation, ratio, returns } from '../../indicators.ts';
import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing, orderFor } from './orders.ts';

const LOOKBACK = 30;
/** in units of what the price usually moves in that time; below it there is no trend */
const CLEAR = 1;

/** Buys into what has clearly been rising for half an hour, sells what has been falling. */
export class TrendFollower extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    const closes = this.closes(subject);
    const usual = deviation(returns(closes)) * Math.sqrt(LOOKBACK);
    const trend = ratio(change(closes, LOOKBACK), usual);
    return Math.abs(trend) < CLEAR ? nothing : orderFor(trend / 4);
  }
}
