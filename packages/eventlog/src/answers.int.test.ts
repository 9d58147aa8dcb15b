/**
 * What each server version responds to a publish, row by row. Responses differ between versions, and between one
 * replica and three.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startNatsServer, tempDir } from '@crunch-node/embedded';
import { privateNatsCluster } from '@crunch-node/embedded/testing';
import { answers } from './answers.ts';
import { EXPECTED_LAST, MESSAGE_ID } from './headers.ts';
import { isOlder } from './server-version.ts';
import { type RawClient, rawClient } from './testing/publish-raw.ts';
import { serversUnderTest } from './testing/servers.ts';

type Kind = '2.9, one copy' | '2.10, one copy' | '2.10, three' | '2.15, one copy' | '2.15, three';

/** A publish after those before it, and the expected response of each kind of server. */
interface Row {
  readonly what: string;
  readonly stream: string;
  readonly header?: Readonly<Record<string, string | number>>;
  readonly payload?: string;
  readonly answer: string | Readonly<Partial<Record<Kind | 'else', string>>>;
}

const id = (name: string, expected?: number) => ({
  [MESSAGE_ID]: name,
  ...(expected !== undefined && { [EXPECTED_LAST]: expected }),
});

const rows: readonly Row[] = [
  { what: 'an append', stream: 'S', header: id('1', 0), answer: 'stored 1' },
  {
    what: 'its repeat',
    stream: 'S',
    header: id('1', 0),
    answer: { '2.10, three': 'conflict 10071', '2.15, one copy': 'conflict 10071', else: 'duplicate 1' },
  },
  { what: 'its repeat without the condition', stream: 'S', header: id('1'), answer: 'duplicate 1' },
  { what: 'its id, with the condition that holds now', stream: 'S', header: id('1', 1), answer: 'duplicate 1' },
  { what: 'another, with a condition of before', stream: 'S', header: id('2', 0), answer: 'conflict 10071' },
  { what: 'another, with a condition of the future', stream: 'S', header: id('3', 99), answer: 'conflict 10071' },
  // 2.10 remembers the id of a message it refused after proposing it to the replicas, for the whole duplicate window.
  {
    what: 'that again, with the right one',
    stream: 'S',
    header: id('3', 1),
    answer: { '2.10, three': 'pending sequence 0,', else: 'stored 2' },
  },
  { what: 'where no stream listens', stream: 'NOWHERE', answer: 'transient no stream listens' },
  { what: 'for another stream', stream: 'S', header: { 'Nats-Expected-Stream': 'T' }, answer: 'refused 10060' },
  { what: 'a rollup', stream: 'S', header: { 'Nats-Rollup': 'sub' }, answer: 'refused 10111' },
  { what: 'large headers', stream: 'S', header: { Large: 'y'.repeat(66_000) }, answer: 'refused 10097' },
  { what: 'the first in a stream of one', stream: 'ONE', header: id('first'), answer: 'stored 1' },
  { what: 'the second', stream: 'ONE', header: id('second'), answer: 'full 10077' },
  {
    what: 'the second again',
    stream: 'ONE',
    header: id('second'),
    answer: { '2.10, three': 'pending sequence 0,', else: 'full 10077' },
  },
  { what: 'more than max_bytes', stream: 'SMALL', payload: 'x'.repeat(5_000), answer: 'full 10077' },
  { what: 'more than max_msg_size', stream: 'SHORT', payload: 'x'.repeat(200), answer: 'refused 10054' },
  { what: 'into a sealed stream', stream: 'SEALED', answer: 'refused 10109' },
];

/** Cannot be provoked on a healthy server. */
const NOT_PRODUCED = new Set([
  'memory of the account', // no stream of the log is in memory
  'storage of the account', // a stream with one replica responds 10002
  'larger than a block of the store',
  'the store failed',
  'another last id was expected', // 2.15.1 with three replicas responds to no further publish to the stream after it
]);

const streams: Readonly<Record<string, object>> = {
  S: {},
  ONE: { max_msgs: 1 },
  SMALL: { max_bytes: 4096 },
  SHORT: { max_msg_size: 100 },
  SEALED: {},
};

const config = (name: string, replicas: number, more: object = {}) => ({
  name,
  subjects: [`${name}.>`],
  storage: 'file',
  retention: 'limits',
  discard: 'new',
  num_replicas: replicas,
  duplicate_window: 120 * 1e9,
  max_bytes: -1,
  max_msgs: -1,
  max_consumers: -1,
  ...more,
});

async function createStreams(client: RawClient, replicas: number): Promise<void> {
  for (const [name, more] of Object.entries(streams)) {
    await client.api(`STREAM.CREATE.${name}`, config(name, replicas, more));
  }
  const sealed = await client.api<{ config: object }>('STREAM.INFO.SEALED');
  await client.api('STREAM.UPDATE.SEALED', { ...sealed.config, sealed: true });
}

async function answersOf(client: RawClient, kind: Kind): Promise<void> {
  const received: Record<string, string> = {};
  const expected: Record<string, string> = {};
  for (const { what, stream, header, payload, answer } of rows) {
    received[what] = await client.publish(`${stream}.a`, header, payload);
    expected[what] = typeof answer === 'string' ? answer : (answer[kind] ?? answer.else ?? '');
  }
  assert.deepEqual(received, expected);
  for (const text of Object.values(received)) seen.add(text.split(' ').at(-1)!);
}

/** The response to the first of several messages that is not stored. */
async function untilDeclined(client: RawClient, natsSubject: string, bytes: number): Promise<string> {
  for (let n = 0; n < 20; n++) {
    const answer = await client.publish(natsSubject, {}, 'x'.repeat(bytes));
    if (!answer.startsWith('stored')) return answer;
  }
  return 'stored';
}

/** codes that at least one server responded with */
const seen = new Set<string>();

const all = await serversUnderTest();
const servers = [...new Map(all.map((server) => [server.title, server])).values()];

for (const { title, binary, skip } of servers) {
  const version = title.replace('nats-server ', '');
  const family = (['2.9', '2.10', '2.15'] as const).find((prefix) => version.startsWith(`${prefix}.`));
  const reason = skip ?? (family === undefined && `ITS ANSWERS ARE NOT KNOWN: ${title}`);
  describe(`a publish to ${title}`, { skip: reason || undefined }, () => {
    it('gets the responses of the table with one replica', async () => {
      const folder = await tempDir('crunch-answers-');
      const server = await startNatsServer({
        binary: binary!,
        storeDir: folder.path,
        moreConfig: `
          jetstream { store_dir: "${folder.path}/jetstream", max_file_store: 1MB }
          accounts {
            OPEN { jetstream: enabled, users: [{ user: open, password: open }] }
            LIMITED { jetstream: { max_file: 4KB }, users: [{ user: limited, password: limited }] }
          }`,
      });
      const client = await rawClient(server.url, { user: 'open', pass: 'open' });
      const limited = await rawClient(server.url, { user: 'limited', pass: 'limited' });
      try {
        await createStreams(client, 1);
        await answersOf(client, `${family!}, one copy`);
        await limited.api('STREAM.CREATE.L', config('L', 1));
        const beyond = await untilDeclined(limited, 'L.a', 3_000);
        assert.equal(beyond, 'full 10002');
        const filled = await untilDeclined(client, 'S.fill', 200_000);
        assert.equal(filled, 'full 10023');
        for (const text of [beyond, filled]) seen.add(text.split(' ').at(-1)!);
      } finally {
        await client.close();
        await limited.close();
        await server.stop();
        await folder.remove();
      }
    });

    const unsafe = family === '2.9' || isOlder(version, '2.10.23');
    it('gets the responses of the table with three replicas and without a majority', { skip: unsafe }, async () => {
      const cluster = await privateNatsCluster({ binary: binary! });
      let client = await rawClient(cluster.url);
      try {
        await createStreams(client, 3);
        await answersOf(client, `${family as '2.10' | '2.15'}, three`);
        const { cluster: of } = await client.api<{ cluster: { leader: string } }>('STREAM.INFO.S');
        const leader = cluster.named(of.leader);
        await client.close();
        client = await rawClient(leader.url);
        await Promise.all(cluster.servers.filter((one) => one !== leader).map((one) => one.kill('SIGKILL')));
        assert.equal(await client.publish('S.b', id('alone', 0)), 'none');
        const repeat = family === '2.10' ? 'pending sequence 0,' : 'pending 10158';
        assert.equal(await client.publish('S.b', id('alone', 0)), repeat);
        assert.equal(await client.publish('S.b', id('alone')), repeat);
        const other = family === '2.10' ? 'none' : 'pending 10164';
        assert.equal(await client.publish('S.b', id('other', 0)), other);
        for (const text of [repeat, other]) seen.add(text.split(' ').at(-1)!);
      } finally {
        await client.close();
        await cluster.stop();
      }
    });
  });
}

describe('the table of publish responses', () => {
  const complete = ['2.10', '2.15'].every((family) => servers.some(({ title }) => title.includes(` ${family}.`)));
  it('has no row that no server responded with', { skip: !complete && 'NOT ALL SERVERS WERE TRIED' }, () => {
    const missing = answers.filter(({ name, errCode }) => !NOT_PRODUCED.has(name) && !seen.has(String(errCode)));
    assert.deepEqual(missing, []);
  });
});
