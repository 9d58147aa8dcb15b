import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { readToEnd } from '@crunch-node/service';
import { allStreams, type Event, type Namespace, type StreamDefinition } from '@crunch-node/streams';
import {
  type Digests,
  digestsOf,
  eventsOf,
  freshNamespace,
  type Pipeline,
  runUndisturbed,
  startPipeline,
  syntheticFeed,
} from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

const feed = syntheticFeed(45);

/** Garbage as written by strangers, bugs and old versions. */
const poisons = (natsSubject: string, round: number): readonly Event[] => {
  const envelope = { v: 1, at: '2024-01-01T00:00:00.000000Z', data: {} };
  return [
    { ...envelope, id: `broken:${round}:${natsSubject}`, type: 'CycleClosed', at: 'yesterday' },
    { ...envelope, id: `unheard:${round}:${natsSubject}`, type: 'SomethingUnheardOf' },
  ];
};

describe('garbage behind the last message of every writer', () => {
  let servers: Servers;
  let expected: Digests;
  before(async () => {
    servers = await startServers();
    expected = await runUndisturbed({ ...where(), feed });
  });
  after(() => servers.stop());
  const where = () => ({ natsUrl: servers.nats.url, databaseUrl: servers.postgres.url });

  /** On every subject written to so far. Resolves with the number of unreadable messages. */
  async function poison(namespace: Namespace, round: number): Promise<number> {
    const log = await connectLog({ url: servers.nats.url, namespace });
    const publisher = log.publisher();
    let malformed = 0;
    for (const stream of allStreams) {
      for (const natsSubject of await subjectsOf(log, stream)) {
        for (const event of poisons(natsSubject, round)) await publisher.append(stream, { event, natsSubject });
        if (stream.name !== 'DEADLETTERS') malformed += 1;
      }
    }
    await log.close();
    return malformed;
  }

  it('changes nothing, halts no process, and has one letter each, met by running writers and by new ones', async () => {
    const namespace = freshNamespace();
    const run = (): Promise<Pipeline> => startPipeline({ ...where(), namespace, feed });
    const first = await run();
    await first.cycles(8);
    let malformed = await poison(namespace, 1);
    await first.cycles(16);
    malformed += await poison(namespace, 2);
    await first.stop();
    malformed += await poison(namespace, 3);
    const second = await run();
    await second.finished();
    await second.projected();
    // A stranger who looks at the end: everybody has come behind the last garbage.
    malformed += await poison(namespace, 4);
    await second.projected();
    const letters = await eventsOf(second.log, allStreams.find(({ name }) => name === 'DEADLETTERS')!);
    await second.stop();
    const places = letters.map(({ data }) => {
      const { stream, sequence } = data as { stream: string; sequence: number };
      return `${stream}:${sequence}`;
    });
    assert.ok(malformed > 100, `${malformed} messages`);
    assert.equal(new Set(places).size, places.length, 'a message has one letter');
    assert.equal(places.filter((place) => !place.startsWith('DEADLETTERS')).length, malformed);
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });
});

async function subjectsOf(log: EventLog, stream: StreamDefinition): Promise<ReadonlySet<string>> {
  const subjects = new Set<string>();
  for await (const { events } of readToEnd(log, stream)) {
    for (const { natsSubject } of events) subjects.add(natsSubject);
  }
  return subjects;
}
