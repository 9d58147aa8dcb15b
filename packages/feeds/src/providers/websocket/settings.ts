import type { FeedSettings } from '@crunch-node/domain';
import { maskedUri } from '../../masked-uri.ts';
import { optionsOf } from '../../options.ts';
import { InvalidFeedOption } from '../../provider.ts';
import { type FieldPath, fieldPath } from '../../rows/index.ts';
import { headersOf, type RestSettings, type RowFields, restSettings, rowFields } from '../rest/settings.ts';
import { placeholdersIn } from '../rest/template.ts';

export interface SocketSettings {
  readonly url: string;
  readonly apiKey: string;
  readonly headers: Readonly<Record<string, string>>;
  /** sent when a connection opens: once a subject if it names one, else once */
  readonly subscribe: string | null;
  readonly fields: RowFields;
  /** messages that have these values are rows; others are passed over */
  readonly when: readonly { readonly path: FieldPath; readonly value: string }[];
  /** field that marks a candle as complete */
  readonly closed: FieldPath | null;
  readonly idleMs: number;
  readonly heartbeat: string | null;
  readonly heartbeatMs: number;
  /** where the past and records missed by a connection are requested */
  readonly rest: RestSettings | null;
  readonly source: string;
}

const A_URL = 'a URL such as wss://host/stream';

export function socketSettings(settings: FeedSettings): SocketSettings {
  const options = optionsOf(settings);
  const url = options.required('url', A_URL);
  const asked = placeholdersIn(url);
  if (!/^wss?:\/\//.test(url) || asked === null || !URL.canParse(url.replace(/\{\w+\}/g, '1'))) {
    throw new InvalidFeedOption('websocket', 'url', A_URL, maskedUri(url));
  }
  if (settings.subjects.length > 1 && (asked.has('subject') || asked.has('subject_lower'))) {
    throw new InvalidFeedOption('websocket', 'url', 'a URL without {subject}, since there are several', '…{subject}…');
  }
  const subscribe = options.text('subscribe') ?? null;
  if (subscribe !== null && placeholdersIn(subscribe.replace(/\{(?!\w+\})/g, '')) === null) {
    throw new InvalidFeedOption('websocket', 'subscribe', 'a message with placeholders we know', '***');
  }
  return {
    url,
    apiKey: options.text('api_key') ?? '',
    headers: headersOf(settings),
    subscribe,
    fields: rowFields(options, settings.subjects.length > 1, 'websocket'),
    when: options.parsed('when', 'conditions such as e=trade,data.final=true', conditionsOf) ?? [],
    closed: options.parsed('closed_field', 'a dotted path or a JSON pointer', fieldPath) ?? null,
    idleMs: (options.number('idle_seconds', { min: 0.1 }) ?? 60) * 1000,
    heartbeat: options.text('heartbeat') ?? null,
    heartbeatMs: (options.number('heartbeat_seconds', { min: 0.1 }) ?? 20) * 1000,
    rest: options.text('rest_url') === undefined ? null : restSettings(settings, 'rest_'),
    source: options.text('source')?.toLowerCase() ?? 'websocket',
  };
}

function conditionsOf(text: string) {
  const conditions = text.split(',').map((part) => {
    const [field = '', ...value] = part.split('=');
    const path = fieldPath(field.trim());
    return path === null || value.length === 0 ? null : { path, value: value.join('=').trim() };
  });
  return conditions.some((condition) => condition === null) ? null : conditions.filter((one) => one !== null);
}
