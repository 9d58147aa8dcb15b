/**
 * A mirror as backup in the same account, as operators create them: it responds to direct look-ups with its own
 * content.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';

import { type RawClient, rawClient } from './testing/publish-raw.ts';
import { serversUnderTest } from './testing/servers.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

const TIMES = 40;

for (const { title, binary, skip } of await serversUnderTest()) {
  describe(`an outdated mirror, on ${title}`, { skip }, () => {
    let server: NatsServer;
    let log: EventLog;
    let raw: RawClient;
    const namespace = freshNamespace();
    const kept = 3;
    before(async () => {
      server = await privateNats(binary === undefined ? {} : { binary });
      log = await connectLog({ url: server.url, namespace, leaseSeconds: 30 });
      await log.ensureStreams([said]);
      raw = await rawClient(server.url);
      for (let n = 1; n <= kept; n++) await log.publisher().append(said, say('ann', n));
      await mirror(namespace.streamName('SAID'), kept);
      await log.publisher().append(said, say('ann', kept + 1));
      await log.publisher().append(said, say('bob', 1));
    });
    after(async () => {
      await raw?.close();
      await log?.close();
      await server?.stop();
    });

    /** The mirror accepts no more messages than this: the simplest way to keep it behind. */
    async function mirror(stream: string, messages: number): Promise<void> {
      const copy = `${stream}_backup`;
      const max = { max_msgs: messages, discard: 'new', max_bytes: -1, max_consumers: -1 };
      await raw.api(`STREAM.CREATE.${copy}`, {
        name: copy,
        storage: 'file',
        mirror: { name: stream },
        allow_rollup_hdrs: true,
        ...max,
      });
      await until(
        'the mirror to have them',
        async () => {
          const { state } = await raw.api<{ state: { messages: number } }>(`STREAM.INFO.${copy}`);
          return state.messages === messages || undefined;
        },
        { deadlineMs: 30_000 },
      );
    }

    const times = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: TIMES }, work));
    const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

    it('responds to direct look-ups with old data', async () => {
      const stream = namespace.streamName('SAID');
      const query = JSON.stringify({ last_by_subj: namespace.natsSubject('said.ann') });
      const answers = await times(() => raw.nc.request(`$JS.API.DIRECT.GET.${stream}`, query));
      assert.deepEqual(distinct(answers.map(({ headers }) => headers?.get('Nats-Stream'))).sort(), [
        stream,
        `${stream}_backup`,
      ]);
      assert.deepEqual(distinct(answers.map(({ headers }) => headers?.get('Nats-Sequence'))).sort(), ['3', '4']);
    });

    it('does not affect look-ups of the log', async () => {
      assert.deepEqual(distinct(await times(() => log.lastSequence(said, 'said.ann'))), [4]);
      assert.deepEqual(distinct(await times(() => log.lastSequence(said, 'said.bob'))), [5]);
      assert.deepEqual(distinct(await times(async () => (await log.last(said, 'said.bob'))?.event.id)), ['said:bob:1']);
      assert.deepEqual(distinct(await times(async () => (await log.next(said, 'said.*', 4))?.sequence)), [4]);
      assert.deepEqual(distinct(await times(() => log.messageId(said, 5))), ['said:bob:1']);
      assert.deepEqual(distinct(await times(() => log.messageId(said, 6))), [null]);
    });

    it('does not affect appends with an expected sequence', async () => {
      for (let n = 10; n < 30; n++) {
        const expectedLastSequence = await log.lastSequence(said, 'said.cyd');
        await log.publisher().append(said, say('cyd', n, { expectedLastSequence }));
      }
    });

    it('does not give a lease to a second holder, or take one away', async () => {
      const leases = await log.leases();
      const first = await leases.acquire('one', AbortSignal.timeout(30_000));
      await mirror(`KV_${namespace.streamName('leases')}`, 1); // which then reports the first holder for ever
      await first.release();
      for (let n = 0; n < 10; n++) {
        const lease = await leases.tryAcquire('one');
        assert.notEqual(lease, null);
        assert.deepEqual(await leases.tryAcquire('one'), null);
        assert.equal(lease?.signal.aborted, false);
        await lease?.release();
        assert.deepEqual(await leases.held('one'), []);
      }
    });

    it('does not return outdated saved states', async () => {
      const states = await log.states();
      const bytes = (text: string) =>
        (async function* () {
          yield Buffer.from(text);
        })();
      const { signal } = new AbortController();
      await states.save('stage', 0, { round: 1 }, bytes('old'), signal);
      await mirror(`OBJ_${namespace.streamName('states')}`, 2);
      await states.save('stage', 0, { round: 2 }, bytes('new'), signal);
      const heads = await times(() => states.heads('stage'));
      assert.deepEqual(distinct(heads.map(([head]) => head?.about.round)), [2]);
      const loaded = await times(async () => states.load('stage', heads[0]![0]!));
      assert.deepEqual(distinct(loaded.map((found) => Buffer.from(found ?? []).toString())), ['new']);
    });

    it('does not return old data to a user who may only look up messages', async () => {
      const only = await connectLog({ url: server.url, namespace, lookUpOnly: true });
      try {
        const { lastSequence } = await log.info(said);
        const ends = await times(() => only.info(said));
        assert.deepEqual(distinct(ends.map((info) => info.lastSequence)), [lastSequence]);
        assert.deepEqual(distinct(await times(() => only.lastSequence(said, 'said.bob'))), [5]);
        assert.equal(await only.last(said, 'said.nobody'), null);
        const seen: string[] = [];
        const ending = new AbortController();
        for await (const { events } of only.read(said, { after: 0, signal: ending.signal })) {
          seen.push(...events.map(({ event }) => event.id));
          if (seen.length === lastSequence) await log.publisher().append(said, say('dan', 1));
          if (seen.length > lastSequence) ending.abort();
        }
        assert.equal(seen.at(-1), 'said:dan:1');
        assert.equal(new Set(seen).size, lastSequence + 1);
      } finally {
        await only.close();
      }
    });
  });
}
