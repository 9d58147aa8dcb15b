import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { nothing } from './orders.ts';

/** Never trades: the baseline for models that lose money. */
export class Idle extends ModelBase<TradingOrder> {
  override predict(): TradingOrder {
    return nothing;
  }
}
