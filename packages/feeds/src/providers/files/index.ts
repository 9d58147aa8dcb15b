import type { FeedSettings } from '@crunch-node/domain';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { granularitySeconds } from '../../granularity.ts';
import { optionsOf } from '../../options.ts';
import { type FeedReports, InvalidFeedOption, type LiveProvider, silent } from '../../provider.ts';
import { fetchPages, listedAsConfigured, rejectingOnce, Times, timeUnits, unlessAborted } from '../../rows/index.ts';
import { followFiles } from './follow.ts';
import { historyReader } from './history.ts';
import { scanner } from './scan.ts';

/**
 * Files that grow and folders that fill, as a live feed; what they hold is its past. Options: `data` (files and folders,
 * separated by commas), `poll_seconds` (5), `settle_seconds`, `source` (files), `time_unit` (auto). Files are what `replay` reads.
 */
export function filesProvider(
  settings: FeedSettings,
  given: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const options = optionsOf(settings);
  const paths = options
    .required('data', 'one or more files or folders')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const { kind, granularity } = settings;
  if (kind !== 'candle' && kind !== 'tick') throw new InvalidFeedOption('files', 'kind', 'candle or tick', kind);
  if (kind === 'candle') granularitySeconds(granularity);
  const source = options.text('source')?.toLowerCase() ?? 'files';
  const pollMs = (options.number('poll_seconds', { min: 0.5 }) ?? 5) * 1000;
  const settle = options.number('settle_seconds', { min: 0 });
  const reports = rejectingOnce(given);
  const scan = scanner(settings, paths, source, reports);
  let marked: Promise<void> = Promise.resolve();
  const times = new Times(options.choice('time_unit', timeUnits), reports);
  const readPage = historyReader(scan, source, times, reports);
  return {
    pace: 'live',
    name: 'files',
    source,
    async list() {
      const keys = (await scan()).flatMap((found) => found.keys);
      return listedAsConfigured([...new Set(keys.map(({ subject }) => subject))].sort(), settings, source);
    },
    history: () => null,
    async fetch(request, signal) {
      await unlessAborted(marked, signal);
      return fetchPages(readPage(request), request, clock, signal);
    },
    async listen(request, sink, signal) {
      // From now on a request for the past gets at least the rows before the place where following starts.
      let mark: () => void = () => undefined;
      marked = new Promise((resolve) => {
        mark = resolve;
      });
      const settleMs = settle === undefined ? undefined : settle * 1000;
      const context = {
        provider: 'files',
        clock,
        reports,
        signal,
        request,
        sink,
        source,
        times,
        settleMs,
        pollMs,
        scan,
      };
      try {
        await followFiles({ ...context, marked: mark });
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        mark();
      }
    },
  };
}
