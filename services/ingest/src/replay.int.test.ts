import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tempDir } from '@crunch-node/embedded';
import { lookUntil, type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { createProvider, type FeedReports, type ReplayProvider } from '@crunch-node/feeds';
import { FeedsCycleClosed, feeds } from '@crunch-node/streams';
import { startIngest } from './index.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { openScene, type Scene } from './testing/scene.ts';

const HOURS = { options: { count: '240' } };

describe('ingest in replay pace', () => {
  let server: NatsServer;
  let undisturbed: string[];
  before(async () => {
    server = await privateNats();
    undisturbed = await withScene(replayAll);
  });
  after(() => server.stop());

  async function withScene<T>(
    work: (scene: Scene) => Promise<T>,
    more: Parameters<typeof openScene>[3] = {},
  ): Promise<T> {
    const scene = await openScene(server.url, 'replay', HOURS, more);
    try {
      return await work(scene);
    } finally {
      await scene.close();
    }
  }
  async function replayAll({ context, published }: Scene): Promise<string[]> {
    const ingest = await startIngest(context);
    await ingest.finished;
    await ingest.stop();
    return published();
  }

  it('publishes each record before the closing of its cycle, and the same in every run', async () => {
    assert.equal(undisturbed.length, 3 * 240);
    assert.deepEqual(undisturbed.slice(0, 4), [
      'feed:synthetic:BTCUSDT:candle:1m:1704067200000',
      'feed:synthetic:ETHUSDT:candle:1m:1704067200000',
      'cycle:feeds:1704067260000',
      'feed:synthetic:BTCUSDT:candle:1m:1704067260000',
    ]);
    assert.deepEqual(await withScene(replayAll), undisturbed);
  });

  it('records in each closing how far back tables keep records, where retention is limited', async () => {
    const closingsOf = async (feed: Parameters<typeof openScene>[2]) => {
      const scene = await openScene(server.url, 'replay', feed);
      try {
        await replayAll(scene);
        const last = await scene.log.last(feeds, 'feeds.cycle');
        return last?.event as FeedsCycleClosed;
      } finally {
        await scene.close();
      }
    };
    const short = { options: { count: '3' } };
    const [all, week] = [await closingsOf(short), await closingsOf({ ...short, record_ttl_days: 7 })];
    assert.equal('records_kept_from' in all.data, false);
    assert.equal(week.data.end, '2024-01-01T00:03:00.000000Z');
    assert.equal(week.data.records_kept_from, '2023-12-25T00:03:00.000000Z');
    assert.equal(week.id, all.id, 'alternatives share one id');
  });

  it('counts what it did and reports when the data has ended', () =>
    withScene(async ({ context }) => {
      const ingest = await startIngest(context);
      await ingest.finished;
      const { state, detail, counts } = ingest.health();
      assert.deepEqual(
        { state, detail },
        { state: 'running', detail: 'synthetic at 2024-01-01T04:00:00.000000Z; all of it published' },
      );
      assert.deepEqual(counts, { records: 480, closings: 240 });
      await ingest.stop();
      assert.equal(ingest.health().state, 'stopped');
    }));

  it('resumes after being stopped in the middle, and publishes nothing after the end', () =>
    withScene(async ({ context, published }) => {
      for (const records of [1, 37, 120]) {
        const ingest = await startIngest(context);
        await lookUntil(
          () => ingest.health().counts.records ?? 0,
          (n) => n >= records,
        );
        await ingest.stop();
      }
      assert.deepEqual(await replayAll({ context, published } as Scene), undisturbed);
      assert.deepEqual(await replayAll({ context, published } as Scene), undisturbed);
    }));

  it('lets one instance work and another take over', () =>
    withScene(async ({ context, connect, published }) => {
      const first = await startIngest(context);
      await lookUntil(
        () => first.health().counts.records ?? 0,
        (n) => n > 20,
      );
      const second = await startIngest({ ...context, log: await connect() });
      assert.equal(second.health().counts.records, undefined);
      await first.stop();
      await second.finished;
      await second.stop();
      assert.deepEqual(await published(), undisturbed);
    }));

  it('drops everything and reloads when another owner has written', () =>
    withScene(async ({ context, log, published }) => {
      let open: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const gated = (reports: FeedReports): ReplayProvider => {
        const provider = createProvider(context.config.feed, reports) as ReplayProvider;
        return {
          ...provider,
          async *records(signal) {
            let n = 0;
            for await (const record of provider.records(signal)) {
              if (n++ === 10) await gate;
              yield record;
            }
          },
        };
      };
      const ingest = await startIngest(context, { provider: gated });
      await lookUntil(published, (ids) => ids.length === 14);
      const [start, end] = ['2024-01-01T00:04:00.000000Z', '2024-01-01T00:05:00.000000Z'];
      const event = FeedsCycleClosed.at(end, { start, end, config_hash: context.configHash });
      await log.publisher().append(feeds, { event, natsSubject: 'feeds.cycle' });
      open();
      await ingest.finished;
      await ingest.stop();
      assert.equal(ingest.health().counts.reloads, 1);
      assert.deepEqual(await published(), undisturbed);
    }));

  it('keeps the order while the server is killed under it', async () => {
    const own = await privateNats();
    const scene = await openScene(own.url, 'replay', HOURS);
    try {
      const ingest = await startIngest(scene.context);
      for (const records of [40, 150, 300, 420]) {
        await lookUntil(
          () => ingest.health().counts.records ?? 0,
          (n) => n >= records,
        );
        await own.kill();
        await own.restart();
      }
      await ingest.finished;
      await ingest.stop();
      assert.deepEqual(await scene.published(), undisturbed);
    } finally {
      await scene.close();
      await own.stop();
    }
  });

  it('stops loudly at a full stream, having lost and reordered nothing', () =>
    withScene(
      async ({ context, published }) => {
        const ingest = await startIngest(context, { fullRetryMs: 20 });
        await lookUntil(
          () => ingest.health(),
          ({ counts, state }) => (counts.full_streams ?? 0) > 2 && state === 'waiting',
        );
        assert.match(ingest.health().detail, /expected room in stream/);
        await ingest.stop();
        const ids = await published();
        assert.ok(ids.length > 10 && ids.length < undisturbed.length);
        assert.deepEqual(ids, undisturbed.slice(0, ids.length));
      },
      { maxBytes: 64 * 1024 },
    ));

  it('runs at a factor of real time when configured', () =>
    withScene(async ({ context, published }) => {
      const feed = { ...context.config.feed, options: { count: '4', speed: '60' } };
      const clock = new FakeClock(0);
      const ingest = await startIngest({ ...context, config: { ...context.config, feed } }, { clock });
      await lookUntil(published, (ids) => ids.length === 3);
      clock.moveTo(999);
      clock.moveTo(1_000);
      await lookUntil(published, (ids) => ids.length === 6);
      clock.moveTo(3_000);
      await ingest.finished;
      assert.deepEqual(await published(), undisturbed.slice(0, 12));
      await ingest.stop();
    }));

  it('publishes the valid records of a faulty file and counts the rest by reason', () =>
    withScene(async ({ context, published }) => {
      const folder = await tempDir();
      const data = path.join(folder.path, 'binance_spot_btcusdt_1m_x.csv');
      const at = (minute: number): number => Date.UTC(2024, 0, 1) + minute * 60_000;
      const bad = Array.from({ length: 5 }, () => `${at(2)},1,NaN,1,1,0`);
      const others = [`${at(3)},1,1,0,1,0`, `${at(1)},1,1,1,1,0`, '60000,1,1,1,1,0', `${at(4)},1,1,1,1,0,7`];
      const rows = [`${at(1)},1,1,1,1,0`, ...bad, ...others, `${at(5)}000,2,2,2,2,0`];
      await writeFile(data, `ts_event_ms,open,high,low,close,volume\n${rows.join('\n')}\n`);
      const feed = { ...context.config.feed, provider: 'replay', subjects: ['BTCUSDT'], options: { data } };
      const ingest = await startIngest({ ...context, config: { ...context.config, feed } });
      await ingest.finished;
      await ingest.stop();
      await folder.remove();
      const words = (await published()).map((id) => id.replace(/:.*:/, ' '));
      assert.deepEqual(words, [`feed ${at(1)}`, `cycle ${at(2)}`, `feed ${at(5)}`, `cycle ${at(6)}`]);
      assert.deepEqual(ingest.health().counts, {
        records: 2,
        closings: 2,
        gaps: 1,
        missing_candles: 3,
        rejected: 9,
        rejected_not_a_number: 5,
        rejected_not_positive: 1,
        rejected_duplicate: 1,
        rejected_bad_time: 1,
        rejected_unreadable: 1,
      });
      const rejected = ingest.rejected();
      assert.equal(rejected.rows, 9);
      const first = rejected.first.map((line) => line.replace(folder.path + path.sep, ''));
      assert.equal(first[0], 'not_a_number binance_spot_btcusdt_1m_x.csv:3: high is NaN');
      const named = first.filter((line) => /^(bad_time|unreadable) /.test(line));
      assert.deepEqual(named, [
        'bad_time binance_spot_btcusdt_1m_x.csv:10: expected a time from 1990-01-01 to 2286-11-20, received "60000"',
        'unreadable binance_spot_btcusdt_1m_x.csv:11: expected 6 cells, received 7',
      ]);
      const metrics = await context.metrics.metrics();
      for (const reason of ['not_positive', 'bad_time', 'unreadable']) {
        assert.ok(metrics.includes(`crunch_ingest_rejected_rows_total{reason="${reason}"} 1`), reason);
      }
    }));

  it('refuses a feed of another pace', () =>
    withScene(({ context }) =>
      assert.rejects(startIngest({ ...context, pace: 'live' }), /expected a live feed, received synthetic/),
    ));
});
