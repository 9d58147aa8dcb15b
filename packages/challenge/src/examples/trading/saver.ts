import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing, orderFor } from './orders.ts';

const HOUR_SECONDS = 3_600;

/** Buys a little every hour on the hour, whatever the price, and never sells. */
export class Saver extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    const asof = this.latest(subject)?.asof_ts ?? 0;
    return asof > 0 && asof % HOUR_SECONDS === 0 ? orderFor(0.1) : nothing;
  }
}
