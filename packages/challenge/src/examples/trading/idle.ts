import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing } from './orders.ts';

/** Stays out of the market: whoever loses money is behind it. */
export class Idle extends ModelBase<TradingOrder> {
  override predict(): TradingOrder {
    return nothing;
  }
}
