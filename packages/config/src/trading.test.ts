import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from './config-error.ts';
import { warningsOf } from './cross-checks.ts';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { tradingPack, tradingPackFor } from './packs/trading.ts';
import { probeConfig } from './probe.ts';
import { configHash } from './serialise.ts';

const refuses = (definition: unknown, ...faults: string[]): void =>
  assert.throws(
    () => defineCrunch(definition as CrunchDefinition),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.faults, faults);
      return true;
    },
  );

describe('a trading competition', () => {
  it('is complete from the pack alone', () => {
    const config = defineCrunch(tradingPack);
    assert.deepEqual(warningsOf(config), []);
    assert.deepEqual(probeConfig(config), { faults: [], warnings: [] });
    assert.deepEqual(config.feed_subject_mapping, { BTCUSDT: 'BTC', ETHUSDT: 'ETH' });
    assert.deepEqual(defineCrunch(config), config);
    const cheaper = { ...tradingPack.trading, cost_model: { spread_pct: 0 } };
    assert.notEqual(configHash(config), configHash(defineCrunch({ ...tradingPack, trading: cheaper })));
  });

  it('fills in costs, limits, output type and ranking', () => {
    const { trading, aggregation, metrics, output_type } = defineCrunch({ trading: { cost_model: { spread_pct: 0 } } });
    assert.deepEqual(trading, {
      signal_mode: 'target',
      cost_model: { trading_fee_pct: 0.001, spread_pct: 0, carry_annual_pct: 0.1095 },
      max_position_size: 10,
      max_portfolio_size: 20,
      asset_price_mapping: { BTC: 'BTCUSDT', ETH: 'ETHUSDT' },
    });
    assert.deepEqual([aggregation.windows, aggregation.ranking_key, metrics[0]], [[], 'net_pnl', 'net_pnl']);
    assert.deepEqual(Object.keys(output_type.properties), ['signal']);
  });

  it('keeps names models know apart from those of the feed, by default', () => {
    assert.deepEqual(defineCrunch({ ...tradingPack, feed_subject_mapping: { BTCUSDT: 'X' } }).feed_subject_mapping, {
      BTCUSDT: 'X',
    });
    const { trading } = tradingPackFor(['BTCUSDT', 'BTCEUR', 'SOLUSDT'], '1m');
    assert.deepEqual(trading.asset_price_mapping, { BTCUSDT: 'BTCUSDT', BTCEUR: 'BTCEUR', SOL: 'SOLUSDT' });
  });

  it('warns of orders in subjects without a feed', () => {
    const elsewhere = { ...tradingPack.trading, asset_price_mapping: { BTC: 'BTCEUR', ETH: 'ETHUSDT' } };
    const feed_subject_mapping = { BTCUSDT: 'BTC', ETHUSDT: 'ETH' };
    const [warning, ...others] = warningsOf(defineCrunch({ ...tradingPack, trading: elsewhere, feed_subject_mapping }));
    assert.match(warning ?? '', /trading-btc-60s\): never filled, since the price of BTC comes from BTCEUR/);
    assert.deepEqual(others, []);
  });

  it('refuses ensembles: orders have no mean', () =>
    assert.throws(
      () => defineCrunch({ ...tradingPack, ensembles: [{ name: 'all' }] } as CrunchDefinition),
      /ensembles/,
    ));

  it('reports faults of its own parts', () => {
    refuses({ trading: 'yes' }, 'trading: expected the rules of a trading competition or null, received "yes"');
    refuses(
      {
        trading: {
          signal_mode: 'order',
          cost_model: { carry_annual_pct: -1 },
          max_position_size: 0,
          asset_price_mapping: { BTC: 1 },
          leverage: 3,
        },
      },
      'trading.leverage: unknown key, received 3',
      'trading.cost_model.carry_annual_pct: expected a number, at least 0, received -1',
      'trading.max_position_size: expected a number above 0, received 0',
      'trading.asset_price_mapping.BTC: expected a non-empty text, received 1',
    );
  });

  it('reports faults between its parts', () =>
    refuses(
      {
        ...tradingPack,
        trading: {
          ...tradingPack.trading,
          signal_mode: 'delta',
          max_portfolio_size: 1,
          asset_price_mapping: { BTC: 'BTCUSDT', XBT: 'BTCUSDT' },
        },
        metrics: ['net_pnl', 'ic'],
        aggregation: { ranking_key: 'value' },
      },
      'trading.max_portfolio_size: expected at least max_position_size (1000000), received 1',
      'trading.asset_price_mapping.BTC: expected a feed subject of its own, received "BTCUSDT"',
      'trading.asset_price_mapping.XBT: expected a feed subject of its own, received "BTCUSDT"',
      'output_type: expected direction and leverage for signal_mode delta, received action, amount',
      'metrics[1]: expected one of net_pnl, unrealized_pnl, realized_pnl, total_fees, total_carry_costs, open_position_count, max_drawdown, hit_rate, sortino_ratio in a trading competition, received "ic"',
      'aggregation.ranking_key: expected one of net_pnl, unrealized_pnl, realized_pnl, total_fees, total_carry_costs, open_position_count, max_drawdown, hit_rate, sortino_ratio in a trading competition, or a window, received "value"',
    ));
});
