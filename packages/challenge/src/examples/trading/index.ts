import type { ModelBase, TradingOrder } from '../../model-base.ts';
import { type ExampleModel, numbered } from '../numbered.ts';
import { FaultyTrader } from './faulty-trader.ts';
import { Idle } from './idle.ts';
import { RangeBreaker } from './range-breaker.ts';
import { ReversionTrader } from './reversion-trader.ts';
import { Saver } from './saver.ts';
import { Scalper } from './scalper.ts';
import { TrendFollower } from './trend-follower.ts';

const examples: readonly (readonly [name: string, create: () => ModelBase<TradingOrder>])[] = [
  ['trend-follower', () => new TrendFollower()],
  ['reversion-trader', () => new ReversionTrader()],
  ['range-breaker', () => new RangeBreaker()],
  ['saver', () => new Saver()],
  ['scalper', () => new Scalper()],
  ['idle', () => new Idle()],
  ['faulty-trader', () => new FaultyTrader()],
];

/** Seven models that trade, one of them faulty. Ids and names are fixed: they are part of every log they appear in. */
export const tradingExampleModels: readonly ExampleModel<TradingOrder>[] = numbered(examples);
