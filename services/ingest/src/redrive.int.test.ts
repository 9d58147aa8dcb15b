import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { lookUntil, type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { CommandRefused, REDRIVE_COMMAND, sendCommand } from '@crunch-node/service';
import { encodeEvent, FeedRecorded, feeds, type Instant, type Json, type JsonObject } from '@crunch-node/streams';
import { startIngest } from './index.ts';
import { openScene, type Scene } from './testing/scene.ts';

const AT = '2024-01-01T00:01:00.000000Z' as Instant;
const record = (minute: number, subject = 'BTC'): FeedRecorded =>
  FeedRecorded.at(AT, {
    source: 'test',
    subject,
    kind: 'candle',
    granularity: '1m',
    ts_event: minute * 60_000,
    values: { close: 1 },
    metadata: {},
  });
const textOf = (event: FeedRecorded): string => Buffer.from(encodeEvent(event)).toString();

describe('redriving a feed record', () => {
  let nats: NatsServer;
  before(async () => {
    nats = await privateNats();
  });
  after(() => nats.stop());

  const redrive = (scene: Scene, event: FeedRecorded, behind = 0) =>
    sendCommand(scene.log, REDRIVE_COMMAND, { after: behind, payload: textOf(event) });
  const refuses = (code: number, text: RegExp) => (error: unknown) => {
    assert.ok(error instanceof CommandRefused);
    assert.equal(error.status, code);
    assert.match(error.message, text);
    return true;
  };
  const options = { count: '3' };
  async function withIngest(work: (scene: Scene, restart: () => Promise<void>) => Promise<void>): Promise<void> {
    const scene = await openScene(nats.url, 'replay', { provider: 'synthetic', options });
    let ingest = await startIngest(scene.context);
    try {
      await ingest.finished;
      await work(scene, async () => {
        await ingest.stop();
        ingest = await startIngest(scene.context);
        await ingest.finished;
      });
    } finally {
      await ingest.stop();
      await scene.close();
    }
  }

  it('appends it once, for any number of requests and owners, also behind other records of its feed', () =>
    withIngest(async (scene, restart) => {
      const { log } = scene;
      const before = await log.info(feeds);
      const both = await Promise.all([redrive(scene, record(1)), redrive(scene, record(1))]);
      assert.deepEqual(
        both.map(({ sequence }) => sequence),
        [before.lastSequence + 1, before.lastSequence + 1],
      );
      await redrive(scene, record(2));
      await restart();
      const again = await redrive(scene, record(1));
      assert.deepEqual([again.sequence, again.event], [before.lastSequence + 1, record(1)]);
      const ids = (await scene.published()).filter((id) => id.startsWith('feed:test'));
      assert.deepEqual(ids, [record(1).id, record(2).id]);
      assert.equal(new Set(await scene.published()).size, (await scene.published()).length);
    }));

  it('refuses what is not a feed record, names what was expected, and continues', () =>
    withIngest(async (scene) => {
      const sent = (body: Json) => sendCommand(scene.log, REDRIVE_COMMAND, body as JsonObject);
      const closing = (await scene.log.last(feeds, feeds.closingSubject()))!.event;
      for (const body of [[], null, {}, { after: -1, payload: '' }, { after: 1.5, payload: '' }, { after: 0 }]) {
        await assert.rejects(sent(body), refuses(422, /expected \{ after, payload \}/));
      }
      await assert.rejects(sent({ after: 0, payload: 'noise' }), refuses(422, /expected a feed record: /));
      await assert.rejects(
        sent({ after: 0, payload: JSON.stringify(closing) }),
        refuses(422, /expected a FeedRecorded of this version, received CycleClosed/),
      );
      await assert.rejects(
        redrive(scene, { ...record(1), id: 'feed:other' }),
        refuses(422, /expected the id feed:test/),
      );
      assert.ok((await redrive(scene, record(1))).sequence > 0);
    }));

  it('is answered 503 while no process writes FEEDS, and works once ingest is back', async () => {
    const scene = await openScene(nats.url, 'replay', { provider: 'synthetic', options });
    try {
      await assert.rejects(redrive(scene, record(1)), refuses(503, /nobody is there/));
      const ingest = await startIngest(scene.context);
      try {
        const appended = await lookUntil(
          () => redrive(scene, record(1)).catch(() => null),
          (answer) => answer !== null,
        );
        assert.equal(appended?.event.id, record(1).id);
        await ingest.finished;
        const ids = await scene.published();
        assert.equal(ids.filter((id) => id === record(1).id).length, 1);
        assert.ok(ids.length > 1, 'the feed went on');
      } finally {
        await ingest.stop();
      }
    } finally {
      await scene.close();
    }
  });
});
