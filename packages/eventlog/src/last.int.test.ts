import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connect, type NatsConnection } from 'nats';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import { UnreadableMessage } from './errors.ts';

import { freshNamespace, said, say } from './testing/toys.ts';

describe('the last event on a subject', () => {
  let server: NatsServer;
  let log: EventLog;
  let raw: NatsConnection;
  const namespace = freshNamespace();
  before(async () => {
    server = await privateNats();
    log = await connectLog({ url: server.url, namespace });
    await log.ensureStreams([said]);
    raw = await connect({ servers: server.url });
  });
  after(async () => {
    await raw?.close();
    await log?.close();
    await server?.stop();
  });
  const append = async (speaker: string, n: number): Promise<number> =>
    (await log.publisher().append(said, say(speaker, n))).sequence;
  const shout = async (speaker: string, text: string): Promise<number> =>
    (await raw.jetstream().publish(namespace.natsSubject(`said.${speaker}`), text)).seq;

  it('is found behind malformed messages, which still count for expected sequences', async () => {
    const first = await append('ann', 1);
    const own = await append('ann', 2);
    for (let n = 0; n < 300; n++) await append('bob', n);
    const noise = await shout('ann', 'noise');
    const more = await shout('ann', '{"also":"noise"}');
    const last = await log.last(said, 'said.ann');
    assert.deepEqual([last?.sequence, last?.event.id], [own, 'said:ann:2']);
    assert.equal(await log.lastSequence(said, 'said.ann'), more);
    assert.ok(first < own && noise < more);
  });

  it('is null where there are only malformed messages', async () => {
    const noise = await shout('carl', '\u0000');
    assert.equal(await log.last(said, 'said.carl'), null);
    assert.equal(await log.lastSequence(said, 'said.carl'), noise);
    assert.equal(await log.lastSequence(said, 'said.nobody'), 0);
  });

  it('is not guessed when a later release has published there', async () => {
    await append('dora', 1);
    await shout('dora', JSON.stringify({ ...say('dora', 2).event, v: 2 }));
    await assert.rejects(log.last(said, 'said.dora'), UnreadableMessage);
  });

  it('agrees with readers about the sequences of skipped messages', async () => {
    const before = await append('emil', 1);
    const noise = await shout('emil', 'noise');
    const unknown = await shout('emil', JSON.stringify({ ...say('emil', 2).event, type: 'Sung' }));
    for await (const batch of log.read(said, { after: before - 1, maxWaitMs: 200 })) {
      assert.deepEqual(batch.skipped, [
        { sequence: noise, natsSubject: 'said.emil' },
        { sequence: unknown, natsSubject: 'said.emil' },
      ]);
      assert.deepEqual([batch.unknown, batch.malformed.length], [1, 1]);
      break;
    }
  });
});
