import type { FeedSettings } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { isGranularity, knownGranularities, UnknownGranularity } from '../../granularity.ts';
import { optionsOf } from '../../options.ts';
import {
  type FeedReports,
  type FetchRequest,
  InvalidFeedOption,
  type ListedSubject,
  type LiveProvider,
  type SubjectPage,
  silent,
} from '../../provider.ts';
import { intervalOf, klinePage } from './klines.ts';
import { listenToKlines } from './listen.ts';
import { binanceRest } from './rest.ts';

/** Subjects asked for at a time. */
const CONCURRENCY = 4;

/**
 * Candles of the Binance spot market, each once it has closed: history by REST, then a WebSocket. Subjects are whole
 * pairs (BTCUSDT). Options: `rest_url`, `ws_url`, `idle_seconds` without a sign of life (60), `weight_limit` of requests
 * a minute (6000, the exchange's).
 */
export function binanceProvider(
  settings: FeedSettings,
  reports: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const options = optionsOf(settings);
  if (settings.kind !== 'candle') {
    throw new InvalidFeedOption('binance', 'kind', 'candle, the one kind this provider delivers', settings.kind);
  }
  intervalOf(settings.granularity);
  const rest = binanceRest(options.url('rest_url', 'https://api.binance.com'), {
    weightPerMinute: options.number('weight_limit', { min: 1 }) ?? 6_000,
    clock,
    reports,
  });

  async function fetchOne(
    key: FeedKey,
    request: Pick<FetchRequest, 'startMs' | 'endMs' | 'limit'>,
    signal?: AbortSignal,
  ) {
    try {
      return await klinePage(rest, key, request, reports, signal);
    } catch (error) {
      signal?.throwIfAborted();
      return { subject: key.subject, error: error as Error };
    }
  }

  return {
    pace: 'live',
    name: 'binance',
    source: 'binance',
    async list(signal) {
      const { body } = await rest.get('/api/v3/exchangeInfo', {}, signal);
      return listed(body);
    },
    history(kind, granularity) {
      if (kind !== 'candle') return `Binance has no history of kind ${kind} here: candle has one`;
      return isGranularity(granularity) ? null : new UnknownGranularity(granularity).message;
    },
    async fetch({ subjects, kind, granularity, ...range }, signal) {
      const pages: SubjectPage[] = [];
      for (let i = 0; i < subjects.length; i += CONCURRENCY) {
        const keys = subjects
          .slice(i, i + CONCURRENCY)
          .map((subject) => ({ source: 'binance', subject, kind, granularity }));
        pages.push(...(await Promise.all(keys.map((key) => fetchOne(key, range, signal)))));
      }
      return pages;
    },
    listen: (request, sink, signal) =>
      listenToKlines(
        {
          wsUrl: options.url('ws_url', 'wss://stream.binance.com:9443'),
          idleMs: (options.number('idle_seconds', { min: 0.1 }) ?? 60) * 1000,
          clock,
          reports,
          fetchPage: (key, startMs, until) => fetchOne(key, { startMs, endMs: clock.nowMs(), limit: 1_000 }, until),
        },
        request,
        sink,
        signal,
      ),
  };
}

function listed(body: unknown): readonly ListedSubject[] {
  const { symbols } = (body ?? {}) as {
    symbols?: { symbol: string; status: string; baseAsset: string; quoteAsset: string }[];
  };
  if (!Array.isArray(symbols) || symbols.length === 0) throw new TypeError('expected Binance to list its symbols');
  return symbols.map(({ symbol, status, baseAsset, quoteAsset }) => ({
    symbol,
    display_name: `${baseAsset}/${quoteAsset}`,
    kinds: ['candle'],
    granularities: knownGranularities,
    source: 'binance',
    metadata: { status, base: baseAsset, quote: quoteAsset },
  }));
}
