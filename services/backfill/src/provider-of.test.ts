import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BackfillOrder, FeedSettings } from '@crunch-node/domain';
import { silent } from '@crunch-node/feeds';
import { bySource, faultOfFeed, liveProviderOf, type ProviderOf } from './provider-of.ts';

/** As `feed.provider: './eth-feed.ts'` is called, while its records name `tides` as their source. */
const configured = {
  provider: 'eth-feed',
  subjects: ['ETH'],
  kind: 'candle',
  granularity: '1m',
  window: 1,
  options: { height: '7' },
} as unknown as FeedSettings;

const orderOf = (source: string) =>
  ({
    feed: { source, subject: 'ETH', kind: 'candle', granularity: '1m' },
    start: '2026-01-01T00:00:00.000000Z',
    end: '2026-01-02T00:00:00.000000Z',
    page_size: null,
  }) as BackfillOrder;

describe("the provider of a backfill, where the feed is the operator's own", () => {
  const asked: FeedSettings[] = [];
  const providerOf = ((settings: FeedSettings) => {
    asked.push(settings);
    if (settings.provider !== configured.provider) throw new Error(`expected binance, received ${settings.provider}`);
    return { pace: 'live', name: 'eth-feed', source: 'tides', history: () => null };
  }) as unknown as ProviderOf;

  it('is named by the source of its records, also where the order names its file', () => {
    for (const source of ['eth-feed', 'tides']) {
      const order = bySource(orderOf(source), configured, providerOf);
      assert.equal(order.feed.source, 'tides');
      assert.equal(faultOfFeed(order, configured, providerOf), null);
    }
  });

  it('has the options of the configured feed', () => {
    asked.length = 0;
    liveProviderOf(orderOf('tides'), configured, providerOf, silent);
    assert.deepEqual(asked.at(-1)?.options, { height: '7' });
  });

  it('is another one, without these options, for another source', () => {
    asked.length = 0;
    const order = bySource(orderOf('binance'), configured, providerOf);
    assert.equal(order.feed.source, 'binance');
    assert.equal(faultOfFeed(order, configured, providerOf), 'expected binance, received binance');
    assert.deepEqual(asked.at(-1)?.options, {});
  });
});
