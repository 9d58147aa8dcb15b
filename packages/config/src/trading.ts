/** The part of a configuration that makes it a trading competition: its defaults, schema and requirements. */
import {
  assetOf,
  type CommonConfig,
  priceSubjectOf,
  type SignalMode,
  signalFields,
  type TradingCompetition,
  tradingFields,
} from '@crunch-node/domain';
import { Type } from '@sinclair/typebox';
import { shown } from './config-error.ts';
import { defaultTrading, tradingOutputTypes, tradingRanking } from './packs/trading.ts';
import { schemaFaults } from './schema-faults.ts';

const strict = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, expected: 'a non-empty text' });
/** So that no product of a size, a cost and a price leaves the range of numbers. */
const MOST = 1e30;
const Cost = Type.Number({ minimum: 0, expected: 'a number, at least 0' });
const Limit = Type.Number({ exclusiveMinimum: 0, expected: 'a number above 0' });

const TradingSchema = Type.Object(
  {
    cost_model: Type.Object({ trading_fee_pct: Cost, spread_pct: Cost, carry_annual_pct: Cost }, strict),
    signal_mode: Type.Union([Type.Literal('order'), Type.Literal('delta'), Type.Literal('target')]),
    max_position_size: Limit,
    max_portfolio_size: Limit,
    asset_price_mapping: Type.Record(Text, Text, { expected: 'a map of texts' }),
  },
  strict,
);

/** Fills in defaults. A value that is no object is left as it is: its fault is reported later. */
export function completeTrading(given: unknown): unknown {
  if (!isPlain(given)) return given;
  const { cost_model } = given;
  return {
    ...defaultTrading,
    ...given,
    cost_model: isPlain(cost_model)
      ? { ...defaultTrading.cost_model, ...cost_model }
      : (cost_model ?? defaultTrading.cost_model),
  };
}

/** Defaults of the rest of a trading competition's configuration; nothing for other competitions. */
export function tradingBase(trading: unknown): Partial<CommonConfig> {
  if (!isPlain(trading)) return {};
  const output_type = tradingOutputTypes[trading.signal_mode as SignalMode];
  return {
    ...tradingRanking,
    ...(output_type === undefined ? {} : { output_type }),
    feed_subject_mapping: isPlain(trading.asset_price_mapping) ? inverted(trading.asset_price_mapping) : {},
  };
}

/** Feed subject → the asset it prices: models know assets only. */
const inverted = (mapping: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(mapping).map(([asset, subject]) => [String(subject), asset]));

export function tradingFaults(trading: unknown): string[] {
  if (trading === null) return [];
  if (isPlain(trading)) return schemaFaults(TradingSchema, trading, 'trading.');
  return [`trading: expected the rules of a trading competition or null, received ${shown(trading)}`];
}

/** Requirements of a trading competition on the rest of its configuration. */
export function tradingCrossFaults(config: TradingCompetition): string[] {
  const { trading, output_type, aggregation, metrics } = config;
  const { cost_model, max_position_size, max_portfolio_size, signal_mode, asset_price_mapping } = trading;
  const faults = Object.entries({ ...cost_model, max_position_size, max_portfolio_size }).flatMap(([name, value]) =>
    value > MOST ? [`trading.${name}: expected at most ${MOST}, received ${value}`] : [],
  );
  if (max_portfolio_size < max_position_size) {
    faults.push(
      `trading.max_portfolio_size: expected at least max_position_size (${max_position_size}), received ${max_portfolio_size}`,
    );
  }
  const subjects = Object.values(asset_price_mapping);
  for (const [asset, subject] of Object.entries(asset_price_mapping)) {
    if (subjects.indexOf(subject) === subjects.lastIndexOf(subject)) continue;
    faults.push(`trading.asset_price_mapping.${asset}: expected a feed subject of its own, received ${shown(subject)}`);
  }
  const fields = signalFields(signal_mode);
  if (!fields.every((field) => Object.hasOwn(output_type.properties, field))) {
    const received = Object.keys(output_type.properties).join(', ');
    faults.push(`output_type: expected ${fields.join(' and ')} for signal_mode ${signal_mode}, received ${received}`);
  }
  const known: readonly string[] = tradingFields;
  const expected = `expected one of ${known.join(', ')} in a trading competition`;
  metrics.forEach((name, index) => {
    if (!known.includes(name)) faults.push(`metrics[${index}]: ${expected}, received ${shown(name)}`);
  });
  const { windows, value_field, ranking_key } = aggregation;
  if (!known.includes(ranking_key) && !windows.some(({ name }) => name === ranking_key)) {
    faults.push(`aggregation.ranking_key: ${expected}, or a window, received ${shown(ranking_key)}`);
  }
  if (windows.length > 0 && !known.includes(value_field)) {
    faults.push(`aggregation.value_field: ${expected}, received ${shown(value_field)}`);
  }
  return faults;
}

/** Orders in subjects that no feed has prices for are never filled. */
export const tradingWarnings = ({ trading, scope, scheduled_predictions, feed }: TradingCompetition): string[] =>
  scheduled_predictions.flatMap((entry, index) => {
    const asset = assetOf(trading, String(entry.scope.subject ?? scope.subject));
    const subject = priceSubjectOf(trading, asset);
    if (!entry.active || feed.subjects.includes(subject)) return [];
    return [
      `scheduled_predictions[${index}] (${entry.scope_key}): never filled, since the price of ${asset} comes from ` +
        `${subject}, which is not one of the feed's: ${feed.subjects.join(', ')}`,
    ];
  });

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
