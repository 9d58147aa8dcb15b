import type { ProviderClock } from '../../clock.ts';
import type { SocketContext } from '../../live/socket.ts';
import { maskedUri } from '../../masked-uri.ts';
import { FeedUnusable } from '../../rows/index.ts';
import { filled } from '../rest/template.ts';
import type { SocketSettings } from './settings.ts';

/** Statuses that a retry would not change: no key, forbidden, not found, not available in this location. */
const FINAL_STATUSES = [401, 403, 404, 451];

/** The connection for a feed's settings. */
export function connectionOf(
  settings: SocketSettings,
  subjects: readonly string[],
  clock: ProviderClock,
): SocketContext {
  const { url, headers, idleMs, heartbeat, heartbeatMs } = settings;
  return {
    url: filled(url, placesOf(settings, subjects[0] ?? ''), encodeURIComponent),
    headers,
    idleMs,
    // Every server answers pings of the protocol; some demand a heartbeat message in addition.
    heartbeat: { everyMs: heartbeatMs, text: heartbeat },
    clock,
    fatal: (status) =>
      FINAL_STATUSES.includes(status)
        ? new FeedUnusable(`websocket: the server answered ${status} at ${maskedUri(url)}: check url, api_key, headers`)
        : null,
  };
}

/** What to send when a connection opens: once a subject if the message names one, else once. */
export function subscriptionsOf(settings: SocketSettings, subjects: readonly string[]): readonly string[] {
  const { subscribe } = settings;
  if (subscribe === null) return [];
  return [...new Set(subjects.map((subject) => filled(subscribe, placesOf(settings, subject), insideJson)))];
}

const placesOf = ({ apiKey }: SocketSettings, subject: string) => ({
  subject,
  subject_lower: subject.toLowerCase(),
  api_key: apiKey,
});

const insideJson = (text: string): string => JSON.stringify(text).slice(1, -1);
