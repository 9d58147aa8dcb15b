import type { SignalMode, TradingConfig } from '@crunch-node/domain';
import { type TObject, Type } from '@sinclair/typebox';
import type { CrunchDefinition } from '../definition.ts';
import { secondsBetweenRecords } from '../granularity.ts';
import { bounded, LARGEST_ANSWER } from './bounded.ts';
import { usualWindows } from './windows.ts';

const Size = Type.Number({ minimum: 0, maximum: LARGEST_ANSWER, default: 0 });

/** Types of predictions in each mode. */
export const tradingOutputTypes: Readonly<Record<SignalMode, TObject>> = {
  order: Type.Object({
    action: Type.Union([Type.Literal('buy'), Type.Literal('sell')], { default: 'buy' }),
    amount: Size,
  }),
  delta: Type.Object({
    direction: Type.Union([Type.Literal('long'), Type.Literal('short')], { default: 'long' }),
    leverage: Size,
  }),
  target: Type.Object({ signal: bounded(LARGEST_ANSWER) }),
};

/** Default costs and limits of a trading competition. */
export const defaultTrading: TradingConfig = {
  signal_mode: 'target',
  cost_model: { trading_fee_pct: 0.001, spread_pct: 0.0001, carry_annual_pct: 0.1095 },
  max_position_size: 10,
  max_portfolio_size: 20,
  asset_price_mapping: { BTC: 'BTCUSDT', ETH: 'ETHUSDT' },
};

/** Default ranking of a trading competition: by the net of all profits and losses. */
export const tradingRanking = {
  metrics: ['net_pnl', 'hit_rate', 'max_drawdown', 'sortino_ratio'],
  aggregation: { windows: [], value_field: 'net_pnl', ranking_key: 'net_pnl', ranking_direction: 'desc' },
} satisfies CrunchDefinition;

const QUOTES = /(?<=.)(USDT|USDC|USD|EUR)$/;

/** `BTCUSDT` → `BTC`, unless another pair is of the same asset. */
function assetsOf(pairs: readonly string[]): string[] {
  const bases = pairs.map((pair) => pair.replace(QUOTES, ''));
  return bases.map((base, i) => (bases.filter((other) => other === base).length === 1 ? base : pairs[i]!));
}

const schedule = (asset: string, order: number, recordSeconds: number) => ({
  scope_key: `trading-${asset.toLowerCase()}-60s`,
  scope: { subject: asset },
  prediction_interval_seconds: Math.max(60, recordSeconds),
  resolve_horizon_seconds: 60,
  order,
});

/** Trade these pairs on paper, each at every record of its feed but at most once a minute. */
export function tradingPackFor(pairs: readonly string[], granularity: string) {
  const assets = assetsOf(pairs);
  const recordSeconds = secondsBetweenRecords(granularity);
  return {
    feed: { provider: 'binance', subjects: pairs, kind: 'candle', granularity },
    scope: { subject: assets[0] ?? 'BTC', step_seconds: 15 },
    scheduled_predictions: assets.map((asset, order) => schedule(asset, order, recordSeconds)),
    output_type: tradingOutputTypes.order,
    trading: {
      ...defaultTrading,
      signal_mode: 'order',
      max_position_size: 1_000_000,
      max_portfolio_size: 1_000_000,
      asset_price_mapping: Object.fromEntries(pairs.map((pair, i) => [assets[i] ?? pair, pair])),
    },
    ...tradingRanking,
    aggregation: { ...tradingRanking.aggregation, windows: usualWindows },
  } satisfies CrunchDefinition;
}

/** Bitcoin and ether, minute candles. */
export const tradingPack = tradingPackFor(['BTCUSDT', 'ETHUSDT'], '1m');
