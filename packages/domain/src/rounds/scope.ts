import type { FeedKey, Json, JsonObject } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { CallArgument, CallMethod, CrunchConfig, ScheduledPrediction } from '../crunch-config.ts';

/** A feed's subject under the name models know. */
export const modelFacingSubject = (
  { feed_subject_mapping: mapping }: Pick<CrunchConfig, 'feed_subject_mapping'>,
  feedSubject: string,
): string => (Object.hasOwn(mapping, feedSubject) ? mapping[feedSubject] : undefined) ?? feedSubject;

/** The subject a schedule entry is about; only records of that subject trigger it. */
const subjectOf = (config: Pick<CrunchConfig, 'scope'>, entry: ScheduledPrediction): Json =>
  entry.scope.subject ?? config.scope.subject;

/** Whether a record of this feed subject may trigger the entry, under either of its two names. */
export function isAbout(
  config: Pick<CrunchConfig, 'scope' | 'feed_subject_mapping'>,
  entry: ScheduledPrediction,
  feedSubject: string,
): boolean {
  const subject = subjectOf(config, entry);
  return subject === feedSubject || subject === modelFacingSubject(config, feedSubject);
}

/** Defaults, then the entry's own scope, then the horizon; the feed's dimensions where none of these has them. */
export function scopeOf(config: Pick<CrunchConfig, 'scope'>, entry: ScheduledPrediction, feed: FeedKey): JsonObject {
  const own: JsonObject = { ...config.scope, ...entry.scope, resolve_horizon_seconds: entry.resolve_horizon_seconds };
  const { scope_key: _, ...scope } = { ...feed, ...own } as JsonObject & { readonly scope_key?: Json };
  return scope;
}

type TypedValue =
  | { readonly type: 'STRING'; readonly value: string }
  | { readonly type: 'INT'; readonly value: number }
  | { readonly type: 'DOUBLE'; readonly value: number }
  | { readonly type: 'JSON'; readonly value: Json };

/** Passed by keyword where it has one, else by position. */
export type ArgumentValue = TypedValue & { readonly keyword?: string };

/** An argument of the configured method cannot be made from the scope. */
export class ArgumentUnresolvable extends CrunchError {
  override readonly name = 'ArgumentUnresolvable';
  override readonly code = 'argument_unresolvable';
  constructor(argument: string, type: string, received: Json | undefined) {
    super(`expected the scope to hold ${argument} as ${type}, received ${JSON.stringify(received) ?? 'nothing'}`);
  }
}

/**
 * Arguments of a call: each taken from the scope by name, the empty text when it is not there.
 * @throws {ArgumentUnresolvable} when a value is no number where one is expected
 */
export const argumentsOf = (method: CallMethod, scope: JsonObject): ArgumentValue[] =>
  method.args.map((argument) => {
    const value = typedValue(argument, scope[argument.name] ?? '');
    return argument.keyword === undefined ? value : { ...value, keyword: argument.keyword };
  });

function typedValue({ name, type }: CallArgument, value: Json): TypedValue {
  switch (type) {
    case 'STRING':
      return { type, value: typeof value === 'string' ? value : JSON.stringify(value) };
    case 'INT':
      return { type, value: Math.trunc(numberOf(name, type, value)) };
    case 'FLOAT':
      return { type: 'DOUBLE', value: numberOf(name, type, value) };
    case 'JSON':
      return { type, value };
  }
}

function numberOf(name: string, type: string, value: Json): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new ArgumentUnresolvable(name, type, value);
  return number;
}
