import { change } from '../../indicators.ts';
import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { orderFor } from './orders.ts';

/** Turns with every candle, and shows the effect of fees on that. */
export class Scalper extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    return orderFor(Math.sign(change(this.closes(subject), 1)) / 4);
  }
}
