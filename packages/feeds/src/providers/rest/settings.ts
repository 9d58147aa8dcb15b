import type { FeedSettings } from '@crunch-node/domain';
import { maskedUri } from '../../masked-uri.ts';
import { type OptionReader, optionsOf } from '../../options.ts';
import { InvalidFeedOption } from '../../provider.ts';
import { type FieldPath, fieldPath, type TimeUnit, timeUnits, type ValueField, valueFields } from '../../rows/index.ts';
import { placeholdersIn } from './template.ts';

/** Where the parts of a record are in a response or in a message. */
export interface RowFields {
  /** to the list of rows; empty: the whole is the list, or the one row */
  readonly rows: FieldPath;
  readonly time: FieldPath;
  readonly timeUnit: TimeUnit;
  readonly subject: FieldPath | null;
  readonly id: FieldPath | null;
  /** null: every field of the row */
  readonly values: readonly ValueField[] | null;
}

export interface RestSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly apiKey: string;
  readonly fields: RowFields;
  readonly pageBy: 'time' | 'cursor' | 'none';
  readonly cursor: FieldPath | null;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly settleMs: number | undefined;
  readonly source: string;
}

const A_PATH = 'a dotted path or a JSON pointer';

/** With a prefix, for a provider that uses HTTP in addition to something else; defaults are those without it. */
export function rowFields(options: OptionReader, several: boolean, provider: string, prefix = ''): RowFields {
  const name = (field: string): string => (options.text(prefix + field) === undefined ? field : prefix + field);
  const path = (field: string): FieldPath | null => options.parsed(name(field), A_PATH, fieldPath) ?? null;
  options.required(name('time_field'), A_PATH);
  const subject = path('subject_field');
  if (several && subject === null) {
    throw new InvalidFeedOption(provider, 'subject_field', `${A_PATH}, since rows of several subjects come`, undefined);
  }
  return {
    rows: path('rows') ?? [],
    time: path('time_field')!,
    timeUnit: options.choice(name('time_unit'), timeUnits),
    subject,
    id: path('id_field'),
    values: options.parsed(name('value_fields'), 'fields such as open,high or price=last.price', valueFields) ?? null,
  };
}

export function restSettings(settings: FeedSettings, prefix = ''): RestSettings {
  const options = optionsOf(settings);
  const provider = settings.provider;
  const url = options.required(`${prefix}url`, 'a URL such as https://host/rows?symbol={subject}&from={start_ms}');
  const asked = placeholdersIn(url);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url.replace(/\{\w+\}/g, '1')) || asked === null) {
    throw new InvalidFeedOption(provider, `${prefix}url`, 'an http(s) URL with placeholders we know', maskedUri(url));
  }
  const hasTime = [...asked].some((name) => name.startsWith('start_'));
  const cursor = options.parsed(`${prefix}cursor_field`, A_PATH, fieldPath) ?? null;
  if (cursor !== null && !asked.has('cursor')) {
    throw new InvalidFeedOption(
      provider,
      `${prefix}url`,
      'a URL with {cursor}, as cursor_field is set',
      maskedUri(url),
    );
  }
  const settle = options.number('settle_seconds', { min: 0 });
  return {
    url,
    headers: headersOf(settings),
    apiKey: options.text('api_key') ?? '',
    fields: rowFields(options, settings.subjects.length > 1 && !hasSubject(asked), provider, prefix),
    pageBy: cursor !== null ? 'cursor' : hasTime ? 'time' : 'none',
    cursor,
    limit: options.number(`${prefix}limit`, { min: 1, integer: true }) ?? 1_000,
    timeoutMs: (options.number('timeout_seconds', { min: 0.1 }) ?? 10) * 1000,
    pollMs: (options.number('poll_seconds', { min: 0.5 }) ?? 5) * 1000,
    settleMs: settle === undefined ? undefined : settle * 1000,
    source: options.text('source')?.toLowerCase() ?? provider,
  };
}

const hasSubject = (asked: ReadonlySet<string>): boolean => asked.has('subject') || asked.has('subject_lower');

/** `header_x_api_key` is the header `x-api-key`: an option's name, like an environment variable's, has no dashes. */
export function headersOf({ provider, options }: FeedSettings): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [option, value] of Object.entries(options)) {
    if (!option.startsWith('header_')) continue;
    const name = option.slice('header_'.length).replaceAll('_', '-');
    if (!/^[a-z0-9-]+$/i.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new InvalidFeedOption(provider, option, 'a header without control characters', '***');
    }
    headers[name] = value;
  }
  return headers;
}
