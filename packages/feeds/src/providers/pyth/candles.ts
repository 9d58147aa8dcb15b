import { type FeedKey, feedKeyText } from '@crunch-node/streams';
import type { ProviderClock } from '../../clock.ts';
import { granularitySeconds } from '../../granularity.ts';
import { followSequence } from '../../live/without-holes.ts';
import type { FeedReports, FeedRequest, FeedSink, SubjectPage } from '../../provider.ts';
import { candleRecord } from '../../record.ts';
import { isKept } from './benchmarks.ts';
import { type BuiltCandle, candleBuilder } from './candle-builder.ts';
import type { PriceTaker } from './listen.ts';

export interface CandleContext {
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  page(key: FeedKey, startMs: number, signal: AbortSignal): Promise<SubjectPage>;
}

/** How long after its end a candle waits for prices that are on their way. */
const GRACE_MS = 3_000;

/**
 * Candles built from prices, each when it is over. One with missed prices, at the beginning and around an interruption,
 * is fetched from the history service; where that has none, it is left out and reported.
 */
export function candleTaker(
  { clock, reports, page }: CandleContext,
  { subjects, kind, granularity }: FeedRequest,
  sink: FeedSink,
  signal: AbortSignal,
  fail: (error: unknown) => void,
): PriceTaker {
  const stepMs = granularitySeconds(granularity) * 1000;
  const start = clock.nowMs() - (clock.nowMs() % stepMs) - stepMs;
  const hasPast = isKept(granularity);
  const making = new Map(subjects.map((subject) => [subject, makerOf(subject)]));

  function makerOf(subject: string) {
    const key = { source: 'pyth', subject, kind, granularity };
    const builder = candleBuilder(stepMs);
    const follower = followSequence({
      feed: feedKeyText(key),
      subject,
      step: BigInt(stepMs),
      start: BigInt(start),
      ...(!hasPast && { holeRetries: 0 }),
      sink,
      clock,
      reports,
      signal,
      completeTo: ({ at }) => at,
      async page(from) {
        if (!hasPast) return { places: [], next: null };
        const answer = await page(key, Number(from ?? start), signal);
        if ('error' in answer) throw answer.error;
        const places = answer.records.map((record) => ({ position: BigInt(record.ts_event), record }));
        return { places, next: answer.nextStartMs === null ? null : BigInt(answer.nextStartMs) };
      },
    });
    const closed = (candle: BuiltCandle | null): void => {
      if (candle === null) return;
      const { openMs, bar } = candle;
      const done =
        bar === null
          ? follower.fill()
          : follower.received({ position: BigInt(openMs), record: candleRecord(key, openMs, bar) });
      done.catch(fail);
    };
    return { builder, closed };
  }

  return {
    interrupted() {
      for (const { builder } of making.values()) builder.interrupted();
    },
    take(subject, { price, publishMs }) {
      const { builder, closed } = making.get(subject)!;
      closed(builder.add(publishMs, price));
    },
    looked() {
      for (const { builder, closed } of making.values()) closed(builder.closeBy(clock.nowMs() - GRACE_MS));
    },
  };
}
