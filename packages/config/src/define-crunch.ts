import type { CommonConfig, CrunchConfig } from '@crunch-node/domain';
import { Kind, type TObject } from '@sinclair/typebox';
import { ConfigError } from './config-error.ts';
import { crossChecks } from './cross-checks.ts';
import { defaultEnsemble, defaultSchedule, defaultValues } from './defaults.ts';
import { ConfigSchema, type CrunchDefinition } from './definition.ts';
import { domainDefaults } from './domain-defaults.ts';
import type { DefaultOutput, LeftOut, TypedDefinition } from './inferred.ts';
import { baseOf, completeRules } from './kinds.ts';
import { type SchemaFault, schemaFaultsAt } from './schema-faults.ts';
import { soundParts } from './sound-parts.ts';
import { tournamentFaults } from './tournament.ts';
import { tradingFaults } from './trading.ts';

const defaults: CommonConfig = { ...defaultValues, ...domainDefaults };

/**
 * A competition from the parts an operator decides: fills in the defaults, checks everything, freezes the result.
 * `output_type`, and `resolve_ground_truth` or `ground_truth_type`, type the parameters of the scoring function.
 * @throws {ConfigError} with all faults at once, each with its path
 */
export function defineCrunch<
  Output extends TObject = DefaultOutput,
  Truth extends TObject | null | LeftOut = LeftOut,
  Resolved = LeftOut,
>(definition: TypedDefinition<Output, Truth, Resolved>): CrunchConfig;
export function defineCrunch(definition?: CrunchDefinition): CrunchConfig;
export function defineCrunch(definition: object = {}): CrunchConfig {
  const complete = withDefaults(definition as CrunchDefinition);
  const faults = [
    ...schemaFaultsAt(ConfigSchema, complete),
    ...tradingFaults(complete.trading),
    ...tournamentFaults(complete.tournament),
  ];
  const all = [...faults.map(({ text }) => text), ...faultsBetweenParts(faults, complete)];
  if (all.length > 0) throw new ConfigError('The configuration', all);
  return deepFreeze(complete as unknown as CrunchConfig); // the schema has just checked it
}

/** Faults between parts, of all parts that have none themselves. */
function faultsBetweenParts(faults: readonly SchemaFault[], complete: Record<string, unknown>): readonly string[] {
  const faulty = faults.filter(({ isUnknownKey }) => !isUnknownKey).map(({ path }) => path);
  // The kind follows from its rules.
  const isKindKnown = !faulty.includes('trading') && !faulty.includes('tournament');
  const { config, attempt } = soundParts(complete, isKindKnown ? faulty : [...faulty, 'kind']);
  return attempt(() => crossChecks(config as unknown as CrunchConfig));
}

/** Parts of a wrong type are left as they are, since the schema reports them. */
function withDefaults(definition: CrunchDefinition): Record<string, unknown> {
  const given = defined(definition) as Record<string, unknown>;
  const { kind, trading, tournament } = given;
  const rules = completeRules({ kind, trading, tournament });
  const base = { ...defaults, ...baseOf(rules, defaults) };
  const over = (name: 'feed' | 'scope' | 'call_method' | 'aggregation'): unknown =>
    given[name] === undefined ? base[name] : overlay(base[name], given[name]);
  const entries = (name: 'ensembles' | 'scheduled_predictions', each: object): unknown => {
    const list = given[name];
    return Array.isArray(list) ? list.map((entry: unknown) => overlay(each, entry)) : (list ?? base[name]);
  };
  return {
    ...base,
    ...given,
    ...rules,
    feed_subject_mapping: isEmpty(given.feed_subject_mapping) ? base.feed_subject_mapping : given.feed_subject_mapping,
    feed: over('feed'),
    scope: over('scope'),
    call_method: over('call_method'),
    aggregation: over('aggregation'),
    ensembles: entries('ensembles', defaultEnsemble),
    scheduled_predictions: entries('scheduled_predictions', defaultSchedule),
  };
}

const overlay = (base: object, given: unknown): unknown => (isPlain(given) ? { ...base, ...defined(given) } : given);

const defined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const isEmpty = (value: unknown): boolean => value === undefined || (isPlain(value) && Object.keys(value).length === 0);

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Copies and freezes data; functions and schemas stay the operator's own. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Kind in value) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(deepFreeze)) as T;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, deepFreeze(part)]))) as T;
}
