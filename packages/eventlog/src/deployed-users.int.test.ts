import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { deployedAccounts, deployedUsers, type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { allStreams, EnsembleSignalled, encodeEvent, feeds, namespaceOf, signals } from '@crunch-node/streams';
import { connect, Empty, type NatsConnection } from 'nats';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';

import { serversUnderTest } from './testing/servers.ts';

const PATIENT = { deadlineMs: 30_000 };

const signal = (n: number) =>
  EnsembleSignalled.at('2024-01-01T00:00:00.000000Z', {
    name: 'main',
    model_id: '__ensemble_main__',
    prediction_id: `PRE_${n}`,
    scope_key: 'btc-5m',
    scope: {},
    feed: null,
    performed_at: `2024-01-01T00:${String(n).padStart(2, '0')}:00.000000Z`,
    resolvable_at: null,
    input_id: 'INP_1',
    value: n,
    members: [],
    weights_cycle_end: null,
  });

for (const { title, binary, skip } of await serversUnderTest()) {
  for (const name of ['', 'acme']) {
    describe(`the users of deploy/nats.conf, namespace "${name}", ${title}`, { skip: skip ?? false }, () => {
      const namespace = namespaceOf(name);
      const own = (address: string): string => namespace.natsSubject(address);
      const stream = (definition: string): string => namespace.streamName(definition);
      let server: NatsServer;
      let log: EventLog;
      let raw: NatsConnection;
      let reader: NatsConnection;
      const faults: string[] = [];

      const as = (user: keyof typeof deployedUsers, inboxPrefix = `_INBOX_${user}`) =>
        connect({ servers: server.url, user, pass: deployedUsers[user], inboxPrefix });
      const state = async () => Promise.all(allStreams.map(async (one) => (await log.info(one)).lastSequence));

      before(async () => {
        server = await privateNats({ moreConfig: deployedAccounts(name), ...(binary && { binary }) });
        log = await connectLog({ url: server.url, namespace, user: 'services', pass: deployedUsers.services });
        await log.ensureStreams(allStreams);
        await publish(1);
        raw = await as('services', '_INBOX');
        reader = await as('signals');
        void (async () => {
          for await (const { type, data } of reader.status()) if (type === 'error') faults.push(String(data));
        })();
      });
      after(async () => {
        await reader.close();
        await raw.close();
        await log.close();
        await server.stop();
      });

      async function publish(n: number): Promise<void> {
        const event = signal(n);
        const publisher = log.publisher();
        await publisher.append(signals, { event, natsSubject: EnsembleSignalled.natsSubjectOf(event.data) });
        await publisher.close();
      }

      /** Uses a fresh connection per request, since a refusal is reported to the whole connection. */
      async function answerTo(address: string, body: object | null = null): Promise<string> {
        const asking = await as('signals');
        try {
          const payload = body === null ? Empty : JSON.stringify(body);
          const answer = await asking.request(address, payload, { timeout: 2_000 });
          return answer.headers?.code ? `status ${answer.headers.code}` : answer.string();
        } catch (error) {
          return `refused: ${(error as Error).message}`;
        } finally {
          await asking.close();
        }
      }

      it('receives live signals with a plain subscription', async () => {
        const received: string[] = [];
        const subscription = reader.subscribe(own('signals.>'), {
          callback: (_, message) => void received.push(message.subject),
        });
        await reader.flush();
        await publish(2);
        await until('a live signal', async () => received.length > 0 || undefined, PATIENT);
        assert.deepEqual(received, [own('signals.ensemble.main.btc-5m')]);
        subscription.unsubscribe();
      });

      it('can look up messages of SIGNALS', async () => {
        const answer = await answerTo(`$JS.API.DIRECT.GET.${stream('SIGNALS')}`, { seq: 1 });
        assert.equal(answer, new TextDecoder().decode(encodeEvent(signal(1))));
      });

      it('reads history and then live signals with the reader of the log', async () => {
        const only = await connectLog({
          url: server.url,
          namespace,
          user: 'signals',
          pass: deployedUsers.signals,
          inboxPrefix: '_INBOX_signals',
          lookUpOnly: true,
        });
        const ending = new AbortController();
        const read: number[] = [];
        for await (const { events } of only.read(signals, { after: 0, signal: ending.signal })) {
          for (const { event } of events) if (event.type === 'EnsembleSignalled') read.push(event.data.value ?? -1);
          if (read.length === 2) await publish(3);
          if (read.length === 3) ending.abort();
        }
        assert.deepEqual(read, [1, 2, 3]);
        await only.close();
      });

      it('cannot publish, send commands or queries, or reply in the name of others', async () => {
        const read = await state();
        const addresses = [
          'signals.ensemble.main.btc-5m',
          'signals.cycle',
          'feeds.cycle',
          'control.config',
          'commands.checkpoints.confirm',
          'queries.models',
        ].map(own);
        for (const address of [
          ...addresses,
          '_INBOX.x',
          '_INBOX_observer.x',
          '_INBOX_signals.x',
          `$KV.${stream('leases')}.x`,
        ]) {
          assert.match(await answerTo(address, {}), /^refused: .*Permissions Violation/i, address);
        }
        assert.deepEqual(await state(), read);
      });

      it('cannot read, change or list other streams', async () => {
        const read = await state();
        const [mine, other] = [stream('SIGNALS'), stream('FEEDS')];
        const asked: [string, object][] = [
          [`$JS.API.DIRECT.GET.${other}`, { seq: 1 }],
          [`$JS.API.DIRECT.GET.KV_${stream('leases')}`, { seq: 1 }],
          [`$JS.API.STREAM.MSG.GET.${mine}`, { seq: 1 }],
          [`$JS.API.STREAM.INFO.${mine}`, {}],
          ['$JS.API.INFO', {}],
          ['$JS.API.STREAM.NAMES', {}],
          ['$JS.API.STREAM.CREATE.MINE', { name: 'MINE', subjects: ['mine'] }],
          [`$JS.API.STREAM.UPDATE.${mine}`, { name: mine, subjects: ['mine'] }],
          [`$JS.API.STREAM.DELETE.${mine}`, {}],
          [`$JS.API.STREAM.PURGE.${mine}`, {}],
          [`$JS.API.STREAM.MSG.DELETE.${mine}`, { seq: 1 }],
          [`$JS.API.CONSUMER.CREATE.${mine}.x`, { stream_name: mine, config: { name: 'x', ack_policy: 'none' } }],
          [`$JS.API.CONSUMER.CREATE.${other}.x`, { stream_name: other, config: { name: 'x', ack_policy: 'none' } }],
          [`$JS.API.CONSUMER.NAMES.${mine}`, {}],
          [`$JS.API.CONSUMER.MSG.NEXT.${mine}.x`, { batch: 1 }],
        ];
        for (const [address, body] of asked) {
          assert.match(await answerTo(address, body), /^refused: .*Permissions Violation/i, address);
        }
        assert.deepEqual(await state(), read);
      });

      it('receives nothing but signals and its own inbox', async () => {
        for (const address of [
          '>',
          '_INBOX.>',
          '_INBOX_observer.>',
          '$JS.>',
          own('feeds.>'),
          own('commands.>'),
          '*.>',
        ]) {
          const before = faults.length;
          const subscription = reader.subscribe(address, { callback: () => undefined });
          await until(`a refusal of ${address}`, async () => faults.length > before || undefined, PATIENT);
          assert.match(faults.at(-1) ?? '', /permissions.violation/i, address);
          subscription.unsubscribe();
        }
      });

      it('cannot redirect a response into a stream or to the services', async () => {
        const read = await state();
        const received: string[] = [];
        const subscription = raw.subscribe('>', {
          callback: (_, { subject }) => void (/^[_$]/.test(subject) || received.push(subject)),
        });
        await raw.flush();
        for (const reply of [own('feeds.cycle'), own('signals.cycle'), own('commands.checkpoints.confirm')]) {
          reader.publish(`$JS.API.DIRECT.GET.${stream('SIGNALS')}`, '{"seq":1}', { reply });
        }
        // Responses come in the order of the requests.
        await reader.request(`$JS.API.DIRECT.GET.${stream('SIGNALS')}`, '{"seq":1}');
        await publish(4);
        await until(
          'the last signal',
          async () => received.includes(own('signals.ensemble.main.btc-5m')) || undefined,
          PATIENT,
        );
        assert.deepEqual(received, [own('signals.ensemble.main.btc-5m')]);
        const index = allStreams.indexOf(signals);
        assert.deepEqual(await state(), read.with(index, (read[index] ?? 0) + 1));
        subscription.unsubscribe();
      });

      it('allows an observer to read every stream, with an inbox of its own', async () => {
        const observer = await connectLog({
          url: server.url,
          namespace,
          user: 'observer',
          pass: deployedUsers.observer,
          inboxPrefix: '_INBOX_observer',
        });
        for await (const { events } of observer.read(signals, { after: 0 })) {
          assert.equal(events[0]?.event.id, signal(1).id);
          break;
        }
        assert.equal((await observer.info(feeds)).lastSequence, (await log.info(feeds)).lastSequence);
        await assert.rejects(observer.ensureStreams([{ ...feeds, name: 'OTHER', natsSubjects: ['other'] }]));
        await observer.close();
      });
    });
  }
}
