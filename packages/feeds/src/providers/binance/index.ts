import type { FeedSettings } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { granularitySeconds } from '../../granularity.ts';
import { optionsOf } from '../../options.ts';
import { type FeedReports, InvalidFeedOption, type LiveProvider, type SubjectPage, silent } from '../../provider.ts';
import { candles } from './candles.ts';
import { depth } from './depth.ts';
import { funding } from './funding.ts';
import type { BinanceContext, BinanceKind, Range } from './kind.ts';
import { listSubjects } from './list.ts';
import { markets, usdm } from './market.ts';
import { binanceRest } from './rest.ts';
import { ticker } from './ticker.ts';
import { aggregatedTape, singleTape } from './trade-tape.ts';
import { trades } from './trades.ts';

/** Subjects requested at the same time. */
const CONCURRENCY = 4;
const MAX_LEVELS = 5_000;

/**
 * Binance: closed candles, ticks, order books and funding. Subjects are whole pairs (BTCUSDT). The options are described
 * in docs/feeds.md.
 * @throws {InvalidFeedOption | UnknownGranularity}
 */
export function binanceProvider(
  settings: FeedSettings,
  reports: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const options = optionsOf(settings);
  const market = markets[options.choice('market', ['spot', 'usdm'])];
  const timeoutMs = (options.number('timeout_seconds', { min: 0.1 }) ?? 8) * 1000;
  const weightPerMinute = options.number('weight_limit', { min: 1 }) ?? market.weightPerMinute;
  const rest = binanceRest(options.url('rest_url', market.restUrl), { weightPerMinute, timeoutMs, clock, reports });
  const context: BinanceContext = {
    market,
    rest,
    futures:
      market === usdm
        ? rest
        : binanceRest(options.url('futures_url', usdm.restUrl), {
            weightPerMinute: usdm.weightPerMinute,
            timeoutMs,
            clock,
            reports,
          }),
    wsUrl: options.url('ws_url', market.wsUrl),
    idleMs: (options.number('idle_seconds', { min: 0.1 }) ?? 60) * 1000,
    pollMs: (options.number('poll_seconds', { min: 0.5 }) ?? 5) * 1000,
    clock,
    reports,
  };
  const levels = options.number('depth_limit', { min: 1, max: MAX_LEVELS, integer: true }) ?? 10;
  const ticksFrom = options.choice('tick_source', ['aggregated', 'trades', 'ticker']);
  const kinds: Readonly<Record<string, BinanceKind>> = {
    candle: candles(context),
    tick:
      ticksFrom === 'ticker'
        ? ticker(context)
        : trades(context, ticksFrom === 'trades' ? singleTape(context) : aggregatedTape(context)),
    depth: depth(context, levels),
    funding: funding(context),
  };
  const kindOf = (kind: string, granularity: string): BinanceKind => {
    const found = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (found === undefined) throw new InvalidFeedOption('binance', 'kind', Object.keys(kinds).join(', '), kind);
    if (kind !== 'candle') return found;
    granularitySeconds(granularity);
    if (!market.granularities.includes(granularity)) {
      throw new InvalidFeedOption('binance', 'granularity', market.granularities.join(', '), granularity);
    }
    return found;
  };
  kindOf(settings.kind, settings.granularity);

  return {
    pace: 'live',
    name: 'binance',
    source: market.source,
    list: (signal) => listSubjects(context, signal),
    history: (kind, granularity) =>
      Object.hasOwn(kinds, kind) ? kinds[kind]!.history(granularity) : `Binance has no feeds of kind ${kind}`,
    async fetch({ subjects, kind, granularity, ...range }, signal) {
      const known = kindOf(kind, granularity);
      const pages: SubjectPage[] = [];
      for (let i = 0; i < subjects.length; i += CONCURRENCY) {
        const keys = subjects
          .slice(i, i + CONCURRENCY)
          .map((subject) => ({ source: market.source, subject, kind, granularity }));
        pages.push(...(await Promise.all(keys.map((key) => pageOrError(known, key, range, signal)))));
      }
      return pages;
    },
    listen: async (request, sink, signal) => kindOf(request.kind, request.granularity).listen(request, sink, signal),
  };
}

async function pageOrError(kind: BinanceKind, key: FeedKey, range: Range, signal?: AbortSignal): Promise<SubjectPage> {
  try {
    return await kind.page(key, range, signal);
  } catch (error) {
    signal?.throwIfAborted();
    return { subject: key.subject, error: error as Error };
  }
}
