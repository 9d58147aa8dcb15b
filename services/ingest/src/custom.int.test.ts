import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@crunch-node/config';
import type { FeedRecord } from '@crunch-node/domain';
import { lookUntil, type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { AppendRefused, type EventLog } from '@crunch-node/eventlog';
import { candleRecord, type LiveProvider } from '@crunch-node/feeds';
import { instantOfMillis } from '@crunch-node/streams';
import { startIngest } from './index.ts';
import { openScene } from './testing/scene.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/custom-provider/crunch.config.ts', import.meta.url));

describe("ingest of an operator's own provider", () => {
  let nats: NatsServer;
  before(async () => {
    nats = await privateNats();
  });
  after(() => nats.stop());

  it('runs the example from its configuration, past and present', async () => {
    const { config } = await loadConfig({ env: {}, cwd: process.cwd(), module: EXAMPLE });
    assert.equal(config.feed.provider, 'tides');
    const scene = await openScene(nats.url, 'live', { ...config.feed, backfill_minutes: 1 });
    const ingest = await startIngest(scene.context);
    try {
      const published = async () =>
        (await scene.published()).filter((id) => id.startsWith('feed:tides:HARBOUR:candle:1s:'));
      const ids = await lookUntil(published, (all) => all.length >= 62);
      const times = ids.map((id) => Number(id.split(':').at(-1)));
      assert.deepEqual(
        times,
        times.map((_, i) => times[0]! + i * 1_000),
      );
    } finally {
      await ingest.stop();
      await scene.close();
    }
  });

  it('rejects what is not a record of the feed, and continues', async () => {
    const key = { source: 'mine', subject: 'A', kind: 'candle', granularity: '1s' };
    const openMs = Math.floor(Date.now() / 1000) * 1000 - 5_000;
    const good = (i: number) => candleRecord(key, openMs + i * 1000, { open: 1, high: 1, low: 1, close: 1, volume: 0 });
    const bad = [
      null,
      1,
      {},
      { ...good(1), subject: 'B' },
      { ...good(1), source: 'other' },
      { ...good(1), at: 'soon' },
      { ...good(1), kind: '\ud800' },
      { ...good(1), ordinal: '\ud800' },
      { ...good(1), ordinal: 'x'.repeat(70_000) },
      { ...good(1), ordinal: 'é'.repeat(30_000) },
      { ...good(1), values: { ...good(1).values, id: 5n } },
    ];
    const mine: LiveProvider = {
      pace: 'live',
      name: 'mine',
      source: 'mine',
      list: async () => [],
      fetch: async () => [{ subject: 'A', records: [good(0), ...(bad as FeedRecord[])], nextStartMs: null }],
      async listen(_request, sink, signal) {
        for (const record of [...(bad as FeedRecord[]), good(2)]) sink.record(record);
        sink.confirmed('A', good(2).at); // otherwise a boundary between the two would wait for it
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    };
    const factory = () => mine;
    const scene = await openScene(nats.url, 'live', { provider: 'mine', subjects: ['A'], granularity: '1s', factory });
    const ingest = await startIngest(scene.context);
    try {
      const published = async () => (await scene.published()).filter((id) => id.startsWith('feed:'));
      assert.equal((await lookUntil(published, (ids) => ids.length >= 2)).length, 2);
      assert.equal(ingest.health().counts.rejected_unreadable, 2 * bad.length);
    } finally {
      await ingest.stop();
      await scene.close();
    }
  });

  it('rejects a record that the server refuses for good, and continues', async () => {
    const key = { source: 'mine', subject: 'A', kind: 'tick', granularity: 'tick' };
    const at = Math.floor(Date.now() / 1000) * 1000 - 5_000;
    const tick = (i: number) => ({
      ...key,
      at: instantOfMillis(at + i),
      ts_event: at + i,
      ordinal: String(i),
      values: { price: 1 },
    });
    const mine: LiveProvider = {
      pace: 'live',
      name: 'mine',
      source: 'mine',
      list: async () => [],
      fetch: async () => [{ subject: 'A', records: [1, 2, 3].map(tick), nextStartMs: null }],
      listen: (_request, _sink, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    };
    const factory = () => mine;
    const scene = await openScene(nats.url, 'live', { ...key, provider: 'mine', subjects: ['A'], factory });
    const publisher: EventLog['publisher'] = (options) => {
      const real = scene.log.publisher(options);
      return {
        ...real,
        append: (stream, message) =>
          message.event.id.endsWith(':2')
            ? Promise.reject(new AppendRefused(message.natsSubject, message.event.id, 'header too large'))
            : real.append(stream, message),
      };
    };
    const ingest = await startIngest({ ...scene.context, log: { ...scene.log, publisher } });
    try {
      const published = async () => (await scene.published()).filter((id) => id.startsWith('feed:'));
      const ids = await lookUntil(published, (found) => found.length >= 2);
      assert.deepEqual(
        ids.map((id) => id.at(-1)),
        ['1', '3'],
      );
      const { counts } = ingest.health();
      assert.deepEqual([counts.records, counts.rejected_unreadable], [2, 1]);
    } finally {
      await ingest.stop();
      await scene.close();
    }
  });
});
