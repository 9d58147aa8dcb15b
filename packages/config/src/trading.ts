/** The part of a configuration that makes it a trading competition: its defaults, schema and requirements. */
import {
  assetOf,
  type CommonConfig,
  didYouMean,
  priceSubjectOf,
  type SignalMode,
  signalFields,
  type TradingCompetition,
  tradingFields,
} from '@crunch-node/domain';
import { Type } from '@sinclair/typebox';
import { shown } from './config-error.ts';
import { defaultTrading, tradingOutputTypes, tradingRanking } from './packs/trading.ts';
import { type SchemaFault, schemaFaultsAt } from './schema-faults.ts';
import type { Check } from './sound-parts.ts';

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

export function tradingFaults(trading: unknown): SchemaFault[] {
  if (trading === null) return [];
  if (isPlain(trading)) return schemaFaultsAt(TradingSchema, trading, 'trading.');
  return [
    {
      path: 'trading',
      text: `trading: expected the rules of a trading competition or null, received ${shown(trading)}`,
      isUnknownKey: false,
    },
  ];
}

/** Requirements of a trading competition on the rest of its configuration. */
export const tradingChecks = (config: TradingCompetition): readonly Check[] => [
  () => limitFaults(config),
  () => mappingFaults(config),
  () => signalFaults(config),
  () => [...config.metrics.keys()].map((index) => () => metricFaults(config, index)),
  () => rankingFaults(config),
];

function limitFaults({ trading }: TradingCompetition): string[] {
  const { cost_model, max_position_size, max_portfolio_size } = trading;
  const faults = Object.entries({ ...cost_model, max_position_size, max_portfolio_size }).flatMap(([name, value]) =>
    value > MOST ? [`trading.${name}: expected at most ${MOST}, received ${value}`] : [],
  );
  if (max_portfolio_size < max_position_size) {
    faults.push(
      `trading.max_portfolio_size: expected at least max_position_size (${max_position_size}), received ${max_portfolio_size}`,
    );
  }
  return faults;
}

function mappingFaults({ trading: { asset_price_mapping } }: TradingCompetition): string[] {
  const subjects = Object.values(asset_price_mapping);
  return Object.entries(asset_price_mapping).flatMap(([asset, subject]) =>
    subjects.indexOf(subject) === subjects.lastIndexOf(subject)
      ? []
      : [`trading.asset_price_mapping.${asset}: expected a feed subject of its own, received ${shown(subject)}`],
  );
}

function signalFaults({ trading: { signal_mode }, output_type }: TradingCompetition): string[] {
  const fields = signalFields(signal_mode);
  if (fields.every((field) => Object.hasOwn(output_type.properties, field))) return [];
  const received = Object.keys(output_type.properties).join(', ');
  return [`output_type: expected ${fields.join(' and ')} for signal_mode ${signal_mode}, received ${received}`];
}

const KNOWN: readonly string[] = tradingFields;
const EXPECTED = `expected one of ${KNOWN.join(', ')} in a trading competition`;

function metricFaults({ metrics }: TradingCompetition, index: number): string[] {
  const name = metrics[index]!;
  if (KNOWN.includes(name)) return [];
  return [`metrics[${index}]: ${EXPECTED}, received ${shown(name)}${didYouMean(name, KNOWN)}`];
}

function rankingFaults({ aggregation }: TradingCompetition): string[] {
  const { windows, value_field, ranking_key } = aggregation;
  const names = windows.map(({ name }) => name);
  const faults: string[] = [];
  if (!KNOWN.includes(ranking_key) && !names.includes(ranking_key)) {
    const nearest = didYouMean(ranking_key, [...names, ...KNOWN]);
    faults.push(`aggregation.ranking_key: ${EXPECTED}, or a window, received ${shown(ranking_key)}${nearest}`);
  }
  if (windows.length > 0 && !KNOWN.includes(value_field)) {
    const nearest = didYouMean(value_field, KNOWN);
    faults.push(`aggregation.value_field: ${EXPECTED}, received ${shown(value_field)}${nearest}`);
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
