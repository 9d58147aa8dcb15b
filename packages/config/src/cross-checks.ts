import {
  type ArgumentType,
  type CallMethod,
  type CrunchConfig,
  combinedFields,
  didYouMean,
  ranksAccounts,
  type ScheduledPrediction,
  safeKey,
} from '@crunch-node/domain';
import { shown } from './config-error.ts';
import { customMetricChecks } from './custom-metrics.ts';
import { feedOptionFaults, feedOptionWarnings } from './feed-options.ts';
import { secondsBetweenRecords } from './granularity.ts';
import { checksOf } from './kinds.ts';
import { nameChecks } from './names.ts';
import type { Check } from './sound-parts.ts';

/** What is wrong between the parts of a configuration. */
export const crossChecks = (config: CrunchConfig): readonly Check[] => [
  () => nameChecks(config),
  () => uniqueKeys(config.scheduled_predictions),
  () =>
    [...config.scheduled_predictions.keys()].map((index) => () => {
      const entry = config.scheduled_predictions[index]!;
      return entry.active ? scheduleChecks(config, entry, `scheduled_predictions[${index}]`) : [];
    }),
  () => keywordFaults(config.call_method),
  () => checksOf(config).feed,
  () => feedOptionFaults(config.feed),
  () => ensembleChecks(config),
  () => customMetricChecks(config, () => checksOf(config).withoutCustomMetrics),
  () => decimalsFaults(config),
  () => uniqueNames('aggregation.windows', namesOf(config.aggregation.windows)),
  () => checksOf(config).ranking,
];

const namesOf = (entries: readonly { readonly name: string }[]): string[] => entries.map(({ name }) => name);

/** Valid settings that are probably mistakes. */
export const warningsOf = (config: CrunchConfig): string[] => [
  ...checksOf(config).warnings(),
  ...feedOptionWarnings(config.feed),
  ...config.scheduled_predictions.flatMap((entry, index) => {
    if (!entry.active) return [];
    const path = `scheduled_predictions[${index}] (${entry.scope_key})`;
    const subject = subjectOf(config, entry);
    const known = config.feed.subjects.flatMap((name) => [name, config.feed_subject_mapping[name] ?? name]);
    const seconds = secondsBetweenRecords(config.feed.granularity);
    return [
      ...(known.includes(subject)
        ? []
        : [`${path}: never asked, since its subject ${subject} is not one of the feed's: ${known.join(', ')}`]),
      ...(entry.prediction_interval_seconds >= seconds
        ? []
        : [
            `${path}: asked every ${seconds} s, not every ${entry.prediction_interval_seconds} s: ` +
              `the feed brings something each ${config.feed.granularity}`,
          ]),
    ];
  }),
];

export const subjectOf = (config: CrunchConfig, entry: ScheduledPrediction): string =>
  String(entry.scope.subject ?? config.scope.subject);

/** Decimals of a column that is not there are a misspelling. */
function decimalsFaults({ decimals = {}, aggregation, metrics, score_type }: CrunchConfig): string[] {
  const columns = [
    ...aggregation.windows.map(({ name }) => name),
    ...metrics,
    ...(aggregation.relative === undefined ? [] : [aggregation.relative.name]),
    ...Object.entries(score_type.properties).flatMap(([name, { type }]) =>
      type === 'number' || type === 'integer' ? [name] : [],
    ),
  ];
  return Object.keys(decimals)
    .filter((name) => !columns.includes(name))
    .map(
      (name) =>
        `decimals.${name}: expected a column of the leaderboard (${columns.join(', ')}), received ${shown(name)}` +
        didYouMean(name, columns),
    );
}

/** Two keys that look the same inside an id would share their records. */
function uniqueKeys(entries: readonly ScheduledPrediction[]): string[] {
  const seen = new Map<string, number>();
  return entries.flatMap(({ scope_key }, index) => {
    const first = seen.get(safeKey(scope_key));
    if (first === undefined) {
      seen.set(safeKey(scope_key), index);
      return [];
    }
    return [
      `scheduled_predictions[${index}].scope_key: expected a key that differs from scheduled_predictions[${first}] ` +
        `in letters, digits, - or _, received ${shown(scope_key)}`,
    ];
  });
}

const uniqueNames = (path: string, names: readonly string[]): string[] =>
  names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [`${path}[${index}].name: expected each name once, received ${shown(name)} again`],
  );

/** Python takes no argument by position behind one that is passed by keyword, and none twice. */
function keywordFaults({ args }: CallMethod): string[] {
  const seen = new Set<string>();
  return args.flatMap(({ keyword }, index) => {
    const path = `call_method.args[${index}]`;
    if (keyword === undefined) {
      return seen.size === 0 ? [] : [`${path}: expected a keyword, as the arguments before it have one`];
    }
    if (seen.has(keyword)) return [`${path}.keyword: expected each keyword once, received ${shown(keyword)} again`];
    seen.add(keyword);
    return [];
  });
}

const scheduleChecks = (config: CrunchConfig, entry: ScheduledPrediction, path: string): readonly Check[] => [
  () => {
    const seconds = secondsBetweenRecords(config.feed.granularity);
    const horizon = entry.resolve_horizon_seconds;
    // An order is filled at once, whatever its horizon.
    return ranksAccounts(config) || horizon === 0 || horizon > seconds
      ? []
      : [
          `${path}.resolve_horizon_seconds: expected 0 (resolved at once) or more than ${seconds}, ` +
            `the feed's granularity (${config.feed.granularity}), received ${horizon}`,
        ];
  },
  () => argumentFaults(config, entry),
  () =>
    resolveSubjectsFaults(
      config,
      { ...config.scope, ...entry.scope }.resolve_subjects,
      `${path}.scope.resolve_subjects`,
    ),
];

/** Every argument of a call is in the scope, and of its type. */
function argumentFaults(config: CrunchConfig, entry: ScheduledPrediction): string[] {
  const scope: Readonly<Record<string, unknown>> = {
    scope_key: entry.scope_key,
    source: config.feed.provider,
    kind: config.feed.kind,
    granularity: config.feed.granularity,
    ...config.scope,
    ...entry.scope,
    resolve_horizon_seconds: entry.resolve_horizon_seconds,
  };
  return config.call_method.args.flatMap(({ name, type }, index) => {
    const path = `call_method.args[${index}]`;
    const value = scope[name] ?? config.scope[name];
    if (value === undefined || value === null) {
      return [
        `${path}: expected a name in the scope of ${shown(entry.scope_key)} ` +
          `(${Object.keys(scope).join(', ')}), received ${shown(name)}${didYouMean(name, Object.keys(scope))}`,
      ];
    }
    if (converts(value, type)) return [];
    return [`${path}: expected ${name} of ${shown(entry.scope_key)} to be ${type}, received ${shown(value)}`];
  });
}

/** Subjects whose records a ground truth is resolved from, by their names in the feed. */
function resolveSubjectsFaults({ feed }: CrunchConfig, given: unknown, path: string): string[] {
  if (given === undefined) return [];
  const isKnown = (subject: unknown) => typeof subject === 'string' && feed.subjects.includes(subject);
  if (Array.isArray(given) && given.length > 0 && given.every(isKnown)) return [];
  const wrong = Array.isArray(given) ? (given.find((subject) => !isKnown(subject)) ?? given) : given;
  return [`${path}: expected a list of subjects of the feed (${feed.subjects.join(', ')}), received ${shown(wrong)}`];
}

function converts(value: unknown, type: ArgumentType): boolean {
  if (type === 'JSON') return true;
  if (typeof value === 'object') return false;
  if (type === 'STRING') return true;
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return type === 'INT' ? Number.isSafeInteger(number) : Number.isFinite(number);
}

const ensembleChecks = (config: CrunchConfig): readonly Check[] => [
  () =>
    config.ensembles.length > 0 && ranksAccounts(config)
      ? ['ensembles: expected none, since orders of a trading competition have no mean']
      : [],
  () => uniqueNames('ensembles', namesOf(config.ensembles)),
  () =>
    [...config.ensembles.keys()].map((index) => () => {
      const ensemble = config.ensembles[index]!;
      const fields = Object.keys(config.output_type.properties);
      const path = `ensembles[${index}].${ensemble.output_fields === undefined ? 'output_field' : 'output_fields'}`;
      return combinedFields(ensemble)
        .filter((field) => !fields.includes(field))
        .map(
          (field) =>
            `${path}: expected a field of output_type (${fields.join(', ')}), received ${shown(field)}` +
            didYouMean(field, fields),
        );
    }),
];
