import type { FeedSettings } from '@crunch-node/domain';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { type FeedReports, type LiveProvider, silent } from '../../provider.ts';
import { fetchPages, listedAsConfigured, pollPages, rejectingOnce, Waker } from '../../rows/index.ts';
import { restReader } from './read-page.ts';
import { restSettings } from './settings.ts';

/**
 * Rows of any web service that responds with JSON, oldest first. Options: `url` with `{subject}`, `{start_ms}`,
 * `{end_ms}`, `{limit}`, `{cursor}`, `{api_key}` and the like, `api_key`, `header_<name>`, `rows`, `time_field`,
 * `time_unit` (auto), `subject_field`, `id_field`, `value_fields` (all), `cursor_field`, `limit` (1000),
 * `poll_seconds` (5), `settle_seconds`, `timeout_seconds` (10), `source`.
 */
export function restProvider(
  given: FeedSettings,
  givenReports: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const settings = restSettings(given);
  const reports = rejectingOnce(givenReports);
  const readPage = restReader(settings, clock, reports);
  return {
    pace: 'live',
    name: 'rest',
    source: settings.source,
    list: async () => listedAsConfigured(given.subjects, given, settings.source),
    history: () =>
      settings.pageBy === 'none'
        ? 'the url has neither {start_ms} or the like nor {cursor}: it only gives the present'
        : null,
    fetch: (request, signal) => fetchPages(readPage(request), request, clock, signal),
    listen: (request, sink, signal) =>
      pollPages(
        {
          provider: 'rest',
          clock,
          reports,
          signal,
          request,
          sink,
          readPage: readPage(request),
          settleMs: settings.settleMs,
        },
        settings.pollMs,
        new Waker(),
      ),
  };
}
