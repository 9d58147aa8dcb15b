import { type FeedRecord, type FeedSettings, LAST_TIME_MS, readTime } from '@crunch-node/domain';
import { byCodePoint, feedKeyText } from '@crunch-node/streams';
import { granularitySeconds } from '../../granularity.ts';
import { optionsOf } from '../../options.ts';
import { InvalidFeedOption, type ReplayProvider } from '../../provider.ts';
import { candleRecord } from '../../record.ts';
import { bars } from './candles.ts';

/**
 * A market made from a seed: the same settings give the same candles, to the last digit, on every machine.
 * Options: `seed` (1), `start` (2024-01-01), `days` (2) or `count` of candles a subject, `speed` (max).
 */
export function syntheticProvider(settings: FeedSettings): ReplayProvider {
  const options = optionsOf(settings);
  if (settings.kind !== 'candle') throw new InvalidFeedOption('synthetic', 'kind', 'candle', settings.kind);
  if (settings.subjects.length === 0)
    throw new InvalidFeedOption('synthetic', 'subjects', 'one or more', settings.subjects);
  const stepSeconds = granularitySeconds(settings.granularity);
  const seed = options.text('seed') ?? '1';
  const startMs = options.time('start') ?? Date.UTC(2024, 0, 1);
  if (startMs % (stepSeconds * 1000) !== 0) {
    throw new InvalidFeedOption('synthetic', 'start', `on the grid of ${settings.granularity}`, options.text('start'));
  }
  const count =
    options.number('count', { min: 0, integer: true }) ??
    Math.floor(((options.number('days', { min: 0 }) ?? 2) * 86_400) / stepSeconds);
  if ('fault' in readTime(startMs, 'ms')) {
    throw new InvalidFeedOption('synthetic', 'start', 'a time from 1990-01-01 to 2286-11-20', options.text('start'));
  }
  if (startMs + count * stepSeconds * 1000 > LAST_TIME_MS) {
    throw new InvalidFeedOption('synthetic', 'count', 'so many candles that they end before 2286-11-20', String(count));
  }
  const keys = [...new Set(settings.subjects)]
    .map((subject) => ({ source: 'synthetic', subject, kind: 'candle', granularity: settings.granularity }))
    .sort((a, b) => byCodePoint(feedKeyText(a), feedKeyText(b)));

  return {
    pace: 'replay',
    name: 'synthetic',
    speed: options.speed('speed'),
    async *records(signal): AsyncIterable<FeedRecord> {
      const subjects = keys.map((key) => ({ key, bars: bars(seed, key.subject, stepSeconds) }));
      for (let step = 0; step < count; step++) {
        signal?.throwIfAborted();
        const openMs = startMs + step * stepSeconds * 1000;
        for (const { key, bars } of subjects) yield candleRecord(key, openMs, bars.next().value);
      }
    },
  };
}
