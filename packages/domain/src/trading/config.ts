import type { TradingRules } from './portfolio.ts';
import type { SignalMode } from './signals.ts';

/** A trading competition: models trade on paper instead of being scored. */
export interface TradingConfig extends TradingRules {
  readonly signal_mode: SignalMode;
  /** asset as models call it → subject of the feed its price is taken from; others are their own price */
  readonly asset_price_mapping: Readonly<Record<string, string>>;
}

/** Fields of a trading snapshot, by which a trading competition can be ranked. */
export const tradingFields = [
  'net_pnl',
  'unrealized_pnl',
  'realized_pnl',
  'total_fees',
  'total_carry_costs',
  'open_position_count',
  'max_drawdown',
  'hit_rate',
  'sortino_ratio',
] as const;

/** The asset of a subject, under either of its two names. */
export function assetOf({ asset_price_mapping }: Pick<TradingConfig, 'asset_price_mapping'>, subject: string): string {
  if (Object.hasOwn(asset_price_mapping, subject)) return subject;
  return Object.keys(asset_price_mapping).find((asset) => asset_price_mapping[asset] === subject) ?? subject;
}

/** The feed subject that prices an asset. */
export const priceSubjectOf = (
  { asset_price_mapping }: Pick<TradingConfig, 'asset_price_mapping'>,
  asset: string,
): string => (Object.hasOwn(asset_price_mapping, asset) ? (asset_price_mapping[asset] ?? asset) : asset);
