/** Responses that decide nothing: an append is acknowledged only once a majority of the replicas has it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { findNatsServer } from '@crunch-node/embedded';
import { type NatsServer, privateNats, privateNatsCluster } from '@crunch-node/embedded/testing';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import { FencedError, StreamSilent } from './errors.ts';
import type { Message } from './log.ts';
import { rawClient } from './testing/publish-raw.ts';
import { readNumbers } from './testing/read-numbers.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

const refusal = (code: number, err_code: number) => ({ error: { code, err_code, description: 'x' }, seq: 0 });
const seqZero = { stream: 'SAID', seq: 0, duplicate: true };
const inProcess = refusal(409, 10158);

describe('an append with an undecided response', () => {
  let server: NatsServer;
  let log: EventLog;
  const namespace = freshNamespace();
  before(async () => {
    server = await privateNats();
    log = await connectLog({ url: server.url, namespace });
  });
  after(async () => {
    await log.close();
    await server.stop();
  });

  /** The result of an append when a stream gives these responses, one per attempt, the last one repeatedly. */
  async function appended(answers: readonly object[], message: Message) {
    const client = await rawClient(server.url);
    let asked = 0;
    client.nc.subscribe(namespace.natsSubject(message.natsSubject), {
      callback: (_, question) => {
        question.respond(JSON.stringify(answers[Math.min(asked++, answers.length - 1)]));
      },
    });
    await client.nc.flush();
    const publisher = log.publisher({ silentMs: 3_000 });
    const result = await publisher.append(said, message).catch((error: Error) => error);
    publisher.abandon();
    await client.close();
    return { result, asked };
  }

  for (const [name, answer] of Object.entries({ 'sequence 0': seqZero, 'an id in process': inProcess })) {
    it(`is retried after ${name}, until it has a sequence`, async () => {
      const { result, asked } = await appended(
        [answer, answer, { stream: 'SAID', seq: 7, duplicate: true }],
        say('a', 1),
      );
      assert.deepEqual(result, { sequence: 7, duplicate: true });
      assert.equal(asked, 3);
    });

    it(`is fenced when its first attempt met ${name} and that message was stored`, async () => {
      const { result } = await appended(
        [answer, { stream: 'SAID', seq: 7, duplicate: true }],
        say('a', 1, { expectedLastSequence: 6 }),
      );
      assert.ok(result instanceof FencedError, String(result));
    });

    it(`succeeds when its first attempt met ${name} and that message was dropped`, async () => {
      const { result } = await appended([answer, { stream: 'SAID', seq: 7 }], say('a', 1, { expectedLastSequence: 6 }));
      assert.deepEqual(result, { sequence: 7, duplicate: false });
    });
  }

  it('is retried while another message of its subject is in process', async () => {
    const { result } = await appended(
      [refusal(400, 10164), { stream: 'SAID', seq: 9 }],
      say('a', 1, { expectedLastSequence: 0 }),
    );
    assert.deepEqual(result, { sequence: 9, duplicate: false });
  });

  it('fails with a specific error when nothing is decided for long', async () => {
    await log.ensureStreams([said]); // without the stream the error would be that it is missing
    const { result } = await appended([seqZero], { ...say('a', 1), natsSubject: 'nowhere' });
    assert.ok(result instanceof StreamSilent, String(result));
  });
});

const suites = ['trixie', 'sid'];
for (const suite of suites) {
  const found = await findNatsServer({ suite }).catch(() => null);
  const skip = found === null && `NO nats-server of Debian ${suite}`;
  describe(`three copies on ${found?.version ?? suite} without a majority`, { skip }, () => {
    it('acknowledge nothing that the loss of the third can revert', async () => {
      const cluster = await privateNatsCluster({ binary: found!.path });
      const namespace = freshNamespace();
      const setup = await connectLog({ url: cluster.url, namespace, replicas: 3 });
      await setup.ensureStreams([said]);
      const leader = cluster.named((await setup.info(said)).leader!);
      const others = cluster.servers.filter((one) => one !== leader);
      await setup.close();
      // The first server stays the leader, the one that would report the retry as a duplicate.
      const log = await connectLog({
        url: [leader, ...others].map(({ url }) => url).join(','),
        namespace,
        replicas: 3,
      });
      const publisher = log.publisher({ ackTimeoutMs: 300, silentMs: 120_000 });
      try {
        const first = await publisher.append(said, say('a', 1));
        await Promise.all(others.map((one) => one.kill('SIGKILL')));
        let acknowledged = false;
        const second = publisher.append(said, say('a', 2, { expectedLastSequence: first.sequence }));
        second.then(() => {
          acknowledged = true;
        });
        await delay(2_500);
        assert.equal(acknowledged, false);
        await leader.kill('SIGKILL');
        await Promise.all(others.map((one) => one.restart()));
        await second;
        assert.deepEqual(await readNumbers(log), [1, 2]);
        await leader.restart();
      } finally {
        await log.close();
        await cluster.stop();
      }
    });
  });
}
