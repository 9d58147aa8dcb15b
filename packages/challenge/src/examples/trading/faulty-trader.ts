import { ModelBase, type TradingOrder } from '../../model-base.ts';
import { faultAt } from '../realtime/faulty.ts';
import { orderFor } from './orders.ts';

/** Trades at random by the time alone, and is wrong as often as the faulty forecaster: by word, by number, by raising. */
export class FaultyTrader extends ModelBase<TradingOrder> {
  override predict(subject: string): TradingOrder {
    const asof = this.latest(subject)?.asof_ts ?? 0;
    switch (faultAt(subject, asof)) {
      case 'raise':
        throw new Error('a model may raise');
      case 'not-a-number':
        return { action: 'sell', amount: Number.NaN };
      case 'nothing':
        return undefined as unknown as TradingOrder; // a model is not obliged to keep to its types
      case 'garbage':
        return { action: 'hold', amount: -1 } as unknown as TradingOrder;
    }
    return orderFor(Math.sin(asof / 600));
  }
}
