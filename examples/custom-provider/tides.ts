/**
 * A provider in one file: candles of a made-up market that rises and falls with the clock. Since a price here is a
 * function of time, its past can be asked for, and what is asked for again is the same. Yours will ask a service.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  candleRecord,
  type FetchRequest,
  granularitySeconds,
  InvalidFeedOption,
  type LiveProvider,
  type ProviderFactory,
  type SubjectPage,
} from '@crunch-node/feeds';

const SOURCE = 'tides';

const provider: ProviderFactory = ({ kind, granularity, options }, reports): LiveProvider => {
  if (kind !== 'candle') throw new InvalidFeedOption(SOURCE, 'kind', 'candle', kind);
  // FEED_OPT_height, or feed.options.height: texts, to be checked here. Connect later, when something is asked for.
  const height = Number(options.height ?? 10);
  if (!(height > 0 && height < 50)) throw new InvalidFeedOption(SOURCE, 'height', 'between 0 and 50', options.height);
  const stepMs = granularitySeconds(granularity) * 1000;

  const price = (subject: string, ms: number): number =>
    100 + height * Math.sin(ms / 600_000 + subject.length) + Math.sin(ms / 7_000);

  function candle(subject: string, openMs: number) {
    const [open, close] = [price(subject, openMs), price(subject, openMs + stepMs)];
    const key = { source: SOURCE, subject, kind, granularity };
    return candleRecord(key, openMs, {
      open,
      close,
      high: Math.max(open, close),
      low: Math.min(open, close),
      volume: 1,
    });
  }

  /** One page, oldest first, of closed candles only; `nextStartMs` is where the next page begins. */
  function page(subject: string, { startMs, endMs, limit }: FetchRequest): SubjectPage {
    const records = [];
    let openMs = Math.ceil(startMs / stepMs) * stepMs;
    const lastMs = Math.min(endMs, Date.now() - stepMs);
    for (; openMs <= lastMs && records.length < limit; openMs += stepMs) records.push(candle(subject, openMs));
    return { subject, records, nextStartMs: openMs <= lastMs ? openMs : null };
  }

  return {
    pace: 'live',
    name: SOURCE,
    source: SOURCE,
    list: async () => [
      { symbol: 'HARBOUR', kinds: ['candle'], granularities: [granularity], source: SOURCE, metadata: {} },
    ],
    history: () => null,
    fetch: async (request) => request.subjects.map((subject) => page(subject, request)),
    async listen({ subjects }, sink, signal) {
      reports.notice('the tide is followed', { subjects: subjects.join(', ') });
      let openMs = Math.floor(Date.now() / stepMs) * stepMs;
      while (!signal.aborted) {
        const waitMs = Math.max(0, openMs + stepMs - Date.now());
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
        if (Date.now() < openMs + stepMs) continue;
        for (const subject of subjects) {
          const record = candle(subject, openMs);
          sink.record(record);
          sink.confirmed(subject, record.at);
        }
        openMs += stepMs;
      }
    },
  };
};
provider.options = ['height']; // any other name is refused: a misspelt one would leave the default in force

export default provider;
