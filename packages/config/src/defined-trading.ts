import type { CostModel, TradingConfig } from '@crunch-node/domain';

export type DefinedTrading = Partial<Omit<TradingConfig, 'cost_model'>> & {
  readonly cost_model?: Partial<CostModel>;
};
