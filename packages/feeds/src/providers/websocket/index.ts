import type { FeedSettings } from '@crunch-node/domain';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { type FeedReports, type LiveProvider, silent } from '../../provider.ts';
import { fetchPages, listedAsConfigured, rejectingOnce } from '../../rows/index.ts';
import { restReader } from '../rest/read-page.ts';
import { followMessages } from './listen.ts';
import { socketSettings } from './settings.ts';

/**
 * JSON messages of any WebSocket. Options: `url`, `subscribe` (a message, `{subject}` in it makes it one a subject),
 * `api_key`, `header_<name>`, `when` (e=trade), `rows`, `time_field`, `time_unit` (auto), `subject_field`, `id_field`,
 * `value_fields` (all), `closed_field`, `idle_seconds` (60), `heartbeat` (a ping), `heartbeat_seconds` (20), `source`;
 * `rest_url` and, where they differ, `rest_rows`, `rest_time_field` and so on: what the REST provider takes.
 */
export function websocketProvider(
  given: FeedSettings,
  givenReports: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const settings = socketSettings(given);
  const reports = rejectingOnce(givenReports);
  const { rest, source } = settings;
  const reader = rest === null ? undefined : restReader({ ...rest, source }, clock, reports);
  return {
    pace: 'live',
    name: 'websocket',
    source,
    list: async () => listedAsConfigured(given.subjects, given, source),
    history: () =>
      rest === null || rest.pageBy === 'none' ? 'a WebSocket has no past: set rest_url with {start_ms}' : null,
    async fetch(request, signal) {
      if (reader !== undefined) return fetchPages(reader(request), request, clock, signal);
      return request.subjects.map((subject) => ({ subject, records: [], nextStartMs: null }));
    },
    listen: (request, sink, signal) =>
      followMessages({
        provider: 'websocket',
        clock,
        reports,
        signal,
        request,
        sink,
        settings,
        readPage: reader?.(request),
      }),
  };
}
