import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { feedSummaries } from '@crunch-node/projections';
import { replay } from '@crunch-node/projector';
import { type FeedEvent, FeedRecorded, FeedsCycleClosed, feeds, type Instant } from '@crunch-node/streams';
import { append } from './testing/append.ts';
import { later, openSceneForEach, type Scene } from './testing/replay-scene.ts';

const MINUTES = 200;
const KEPT_MINUTES = 60;

/** A candle a minute, one of them repeated long after its removal, closed every minute. */
function* history(from: number, to: number): Generator<FeedEvent> {
  for (let n = from; n < to; n++) {
    yield candle(n);
    if (n === 150) yield candle(3);
    yield FeedsCycleClosed.at(later(n + 1), {
      start: n === 0 ? null : later(n),
      end: later(n + 1),
      config_hash: 'h',
      records_kept_from: later(n + 1 - KEPT_MINUTES),
    });
  }
}

const candle = (n: number): FeedEvent =>
  FeedRecorded.at(later(n + 1), {
    source: 'test',
    subject: 'BTC',
    kind: 'candle',
    granularity: '1m',
    ts_event: millis(later(n)),
    values: { close: n },
  });
const millis = (instant: Instant): number => Date.parse(instant);

describe('feed records that need not be kept', () => {
  let scene: Scene;
  openSceneForEach((opened) => {
    scene = opened;
  });

  it('go from the table when their closing requires it, equally live and rebuilt', async () => {
    const publish = (from: number, to: number) =>
      append(
        scene.log,
        [...history(from, to)].map((event) => ({ stream: feeds, event })) as Parameters<typeof append>[1],
      );
    const times = async (): Promise<readonly string[]> => {
      const rows = await scene.readModel.db.selectFrom('feed_records').select('ts_event').orderBy('ts_event').execute();
      return rows.map(({ ts_event }) => ts_event);
    };
    const service = scene.start();
    await publish(0, 50);
    await service.caughtUp();
    assert.equal((await times()).length, 50);
    await publish(50, 120);
    await service.caughtUp();
    await publish(120, MINUTES);
    await service.caughtUp();
    assert.deepEqual(
      await times(),
      Array.from({ length: KEPT_MINUTES }, (_, i) => later(MINUTES - KEPT_MINUTES + i)),
    );
    const [summary] = await feedSummaries(scene.readModel.db);
    assert.deepEqual([summary?.record_count, summary?.oldest_ts], [MINUTES, later(0)], 'all that was ever published');
    const live = await scene.digest();

    const { switched, refused } = await replay(scene.context(), { only: ['feeds'] });
    assert.deepEqual([switched, refused], [['feeds'], []]);
    assert.deepEqual(await scene.digest(), live);
    await publish(MINUTES, MINUTES + 10);
    await service.caughtUp();
    assert.equal((await times()).length, KEPT_MINUTES);
  });

  it('are stored with whatever ordinals an old log holds', async () => {
    const tick = (n: number, ordinal: string): FeedEvent =>
      FeedRecorded.at(later(n), {
        source: 'test',
        subject: 'BTC',
        kind: 'tick',
        granularity: 'tick',
        ts_event: millis(later(n)),
        ordinal,
        values: { price: 1 },
      });
    // Random, since an index compresses what repeats itself; an id of it still fits the header of a message.
    const long = randomBytes(12_000).toString('hex');
    const events = [tick(1, '1'), tick(1, `${long}a`), tick(1, `${long}b`), tick(2, '2')];
    await append(scene.log, events.map((event) => ({ stream: feeds, event })) as Parameters<typeof append>[1]);
    const service = scene.start();
    await service.caughtUp();
    const rows = await scene.readModel.db.selectFrom('feed_records').select(['ordinal', 'record_id']).execute();
    assert.deepEqual(rows.map(({ record_id }) => record_id).sort(), events.map(({ id }) => id).sort());
    assert.equal(rows.filter(({ ordinal }) => ordinal.includes('…sha256:')).length, 2);
  });
});
