import type { FeedSettings } from '@crunch-node/domain';
import { maskedUri } from '../../masked-uri.ts';
import { optionsOf } from '../../options.ts';
import { InvalidFeedOption } from '../../provider.ts';
import { type FieldPath, isDottedPath, type TimeUnit, timeUnits } from '../../rows/index.ts';

export interface CollectionSettings {
  readonly uri: string;
  readonly database: string;
  readonly collection: string;
  /** dotted, as MongoDB takes them; the paths are the same in parts */
  readonly subjectField: string;
  readonly timeField: string;
  readonly insertedAtField: string;
  readonly subjectPath: FieldPath;
  readonly timePath: FieldPath;
  readonly insertedAtPath: FieldPath;
  readonly mode: 'changestream' | 'poll';
  /** the types of times that are read */
  readonly timeType: 'auto' | 'datetime' | 'numeric';
  /** of numbers and texts */
  readonly timeUnit: TimeUnit;
  readonly pollMs: number;
  readonly settleMs: number | undefined;
  readonly subjectLimit: number;
  /** how far back listening begins, null: at the beginning */
  readonly lookbackMs: number | null;
  readonly defaultKind: string;
  readonly defaultGranularity: string;
}

const A_PATH = 'a dotted path without $, braces or white space';

/** @throws {InvalidFeedOption} in whose text the credentials of `mongodb_uri` are masked */
export function collectionSettings(settings: FeedSettings): CollectionSettings {
  const options = optionsOf(settings);
  const uri = options.text('mongodb_uri');
  if (uri === undefined || !/^mongodb(\+srv)?:\/\/[^/]/.test(uri)) {
    throw new InvalidFeedOption(
      'mongodb',
      'mongodb_uri',
      'mongodb://host/ or mongodb+srv://host/',
      uri && maskedUri(uri),
    );
  }
  const path = (name: string, fallback?: string): string => {
    const text = fallback === undefined ? options.required(name, A_PATH) : (options.text(name) ?? fallback);
    return options.parsed(name, A_PATH, (given) => (isDottedPath(given) ? given : null)) ?? text;
  };
  const name = (option: string): string => {
    options.required(option, 'a name');
    return options.parsed(option, 'a name without $ or NUL', (text) => (/[$\0]/.test(text) ? null : text))!;
  };
  const lookback = options.number('initial_lookback_seconds', { min: -1, integer: true }) ?? 0;
  const settle = options.number('settle_seconds', { min: 0 });
  const [subjectField, timeField] = [path('subject_field'), path('timestamp_field')];
  const insertedAtField = path('inserted_at_field', 'insertedAt');
  return {
    uri,
    database: name('database'),
    collection: name('collection'),
    subjectField,
    timeField,
    insertedAtField,
    subjectPath: subjectField.split('.'),
    timePath: timeField.split('.'),
    insertedAtPath: insertedAtField.split('.'),
    mode: options.choice('listen_mode', ['changestream', 'poll']),
    timeType: options.choice('timestamp_type', ['auto', 'datetime', 'numeric']),
    timeUnit: options.choice('time_unit', timeUnits),
    pollMs: (options.number('poll_seconds', { min: 0.5 }) ?? 5) * 1000,
    settleMs: settle === undefined ? undefined : settle * 1000,
    subjectLimit: options.number('subject_limit', { min: 1, integer: true }) ?? 500,
    lookbackMs: lookback === -1 ? null : lookback * 1000,
    defaultKind: options.text('default_kind') ?? 'event',
    defaultGranularity: options.text('default_granularity') ?? 'event',
  };
}

/** The same as `maskedUri` for the text of an error, which may quote the address or a part of it. */
export function masked(text: string, uri: string): string {
  const credentials = /\/\/([^/?#]*)@/.exec(uri)?.[1] ?? '';
  const password = credentials.slice(credentials.indexOf(':') + 1);
  const secrets = [uri, credentials, ...(credentials.includes(':') ? [password, safeDecode(password)] : [])];
  return secrets
    .filter((secret) => secret.length > 0)
    .reduce((clean, secret) => clean.replaceAll(secret, secret === uri ? maskedUri(uri) : '***'), text);
}

const safeDecode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
