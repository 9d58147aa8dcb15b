import type { FeedSettings } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { granularitySeconds, knownGranularities } from '../../granularity.ts';
import { optionsOf } from '../../options.ts';
import {
  type FeedReports,
  type FeedRequest,
  type FeedSink,
  type FetchRequest,
  InvalidFeedOption,
  type LiveProvider,
  type SubjectPage,
  silent,
} from '../../provider.ts';
import { benchmarks, HistoryRefused, isKept, keptGranularities } from './benchmarks.ts';
import { candleTaker } from './candles.ts';
import { pythClient } from './client.ts';
import { directory } from './directory.ts';
import { feedIdOf, feedIdOptions } from './feed-ids.ts';
import { listenToPrices, type PythContext } from './listen.ts';
import { tickTaker } from './ticks.ts';

const KINDS = ['tick', 'candle'];
const PAGE = 1_000;

/**
 * Prices of Pyth: ticks, and candles built from them. Subjects are base assets (BTC) against the dollar. The options
 * are described in docs/feeds.md.
 * @throws {InvalidFeedOption | UnknownGranularity}
 */
export function pythProvider(
  settings: FeedSettings,
  reports: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const options = optionsOf(settings);
  const timeoutMs = (options.number('timeout_seconds', { min: 0.1 }) ?? 8) * 1000;
  const transport = options.choice('transport', ['poll', 'stream']);
  const pollMs = (options.number('poll_seconds', { min: 0.5 }) ?? 5) * 1000;
  const apiKey = options.text('api_key');
  // The header would be refused at every request, with the key in the message.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new InvalidFeedOption('pyth', 'api_key', 'printable characters without spaces', '***');
  }
  const clients = { timeoutMs, apiKey, clock, reports };
  const hermes = pythClient(options.url('hermes_url', 'https://hermes.pyth.network'), clients);
  const history = benchmarks(
    pythClient(options.url('benchmarks_url', 'https://benchmarks.pyth.network'), clients),
    clock,
    reports,
  );
  const given = new Map<string, string>();
  for (const [option, subject] of feedIdOptions(Object.keys(settings.options))) {
    const id = options.parsed(option, '64 hexadecimal digits, with or without 0x', feedIdOf);
    if (id !== undefined) given.set(subject, id);
  }
  const feeds = directory(hermes, given, knownGranularities);
  const idleMs = (options.number('idle_seconds', { min: 0.1 }) ?? 60) * 1000;
  const context: PythContext = { hermes, directory: feeds, transport, pollMs, idleMs, clock, reports };
  check(settings);

  function check({ kind, granularity }: Pick<FeedRequest, 'kind' | 'granularity'>): void {
    if (!KINDS.includes(kind)) throw new InvalidFeedOption('pyth', 'kind', KINDS.join(' or '), kind);
    if (kind !== 'candle') return;
    const seconds = granularitySeconds(granularity);
    if (transport === 'poll' && pollMs > seconds * 1000) {
      const expected = `at most ${seconds} for candles of ${granularity}, or transport to be stream`;
      throw new InvalidFeedOption('pyth', 'poll_seconds', expected, pollMs / 1000);
    }
  }

  async function pageOf(
    key: FeedKey,
    range: Pick<FetchRequest, 'startMs' | 'endMs' | 'limit'>,
    signal?: AbortSignal,
  ): Promise<SubjectPage> {
    const { subject, kind, granularity } = key;
    if (kind !== 'candle' || !isKept(granularity)) return { subject, records: [], nextStartMs: null };
    try {
      const symbol = await feeds.symbolOf(subject, signal);
      if (symbol === null) throw new HistoryRefused(subject, 'it is no price feed');
      return await history.page(key, symbol, range, signal);
    } catch (error) {
      signal?.throwIfAborted();
      return { subject, error: error as Error };
    }
  }

  return {
    pace: 'live',
    name: 'pyth',
    source: 'pyth',
    list: feeds.list,
    history(kind, granularity) {
      if (kind !== 'candle') return 'Pyth keeps no past of single prices; its candles have one';
      return isKept(granularity) ? null : `Pyth keeps candles of ${keptGranularities.join(', ')}`;
    },
    fetch: ({ subjects, kind, granularity, ...range }, signal) =>
      Promise.all(subjects.map((subject) => pageOf({ source: 'pyth', subject, kind, granularity }, range, signal))),
    async listen(request, sink, signal) {
      check(request);
      if (request.kind === 'tick') return listenToPrices(context, request, tickTaker(request, sink, reports), signal);
      await listenToCandles(request, sink, signal);
    },
  };

  async function listenToCandles(request: FeedRequest, sink: FeedSink, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const ending = AbortSignal.any([signal, stop.signal]);
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = (error) => {
        if (!ending.aborted) reject(error);
      };
    });
    const page = (key: FeedKey, startMs: number, until: AbortSignal): Promise<SubjectPage> =>
      pageOf(key, { startMs, endMs: clock.nowMs(), limit: PAGE }, until);
    const taker = candleTaker({ clock, reports, page }, request, sink, ending, fail);
    try {
      await Promise.race([listenToPrices(context, request, taker, ending), failed]);
    } finally {
      stop.abort();
    }
  }
}
