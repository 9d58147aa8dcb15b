import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog, type StoredMessage, StreamInUse } from '@crunch-node/eventlog';
import {
  allStreams,
  EnsembleSignalled,
  feeds,
  namespaceOf,
  type StreamDefinition,
  signals,
} from '@crunch-node/streams';
import { AnotherLog, ArchiveDamaged, NoArchive } from './errors.ts';
import { exportStreams } from './export-streams.ts';
import { seedStreams } from './seed-streams.ts';
import { verifyArchive } from './verify-archive.ts';

const signal = (n: number, more: object = {}) => ({
  event: EnsembleSignalled.at('2024-01-01T00:00:00.000000Z', {
    name: 'main',
    model_id: '__ensemble_main__',
    prediction_id: `PRE_${n}`,
    scope_key: `scope ${n % 3}/é`,
    scope: {},
    feed: null,
    performed_at: `2024-01-01T00:00:00.${String(n).padStart(6, '0')}Z`,
    resolvable_at: null,
    input_id: 'INP_1',
    value: n / 7,
    members: [],
    weights_cycle_end: null,
  }),
  ...more,
});

describe('an archive of streams', () => {
  let server: NatsServer;
  let folders: TempDir;
  const logs: EventLog[] = [];
  let count = 0;
  before(async () => {
    server = await privateNats();
    folders = await tempDir('crunch-archive-');
  });
  after(async () => {
    for (const log of logs) await log.close();
    await server.stop();
    await folders.remove();
  });

  const newFolder = (): string => join(folders.path, String(++count));
  async function environment(): Promise<EventLog> {
    const log = await connectLog({ url: server.url, namespace: namespaceOf(`a${++count}`) });
    logs.push(log);
    return log;
  }
  async function withSignals(total: number): Promise<EventLog> {
    const log = await environment();
    await log.ensureStreams(allStreams);
    await publish(log, 1, total);
    return log;
  }
  async function publish(log: EventLog, from: number, to: number): Promise<void> {
    const publisher = log.publisher();
    for (let n = from; n <= to; n++) {
      const { event } = signal(n);
      const natsSubject = EnsembleSignalled.natsSubjectOf(event.data);
      const more = n % 2 === 0 ? { obs: { n } } : { traceparent: `00-${n}` };
      void publisher.append(signals, { event, natsSubject, ...more });
    }
    await publisher.flush();
    await publisher.close();
  }
  async function all(log: EventLog, stream: StreamDefinition): Promise<StoredMessage[]> {
    const { lastSequence } = await log.info(stream);
    const read: StoredMessage[] = [];
    if (lastSequence === 0) return read;
    for await (const messages of log.messages(stream, { after: 0 })) {
      read.push(...messages);
      if (read.at(-1)?.sequence === lastSequence) break;
    }
    return read;
  }
  const storedAtLeftOut = (messages: readonly StoredMessage[]) =>
    messages.map(({ stored_us: _, ...message }) => message);
  const small = { streams: [signals], maxRows: 10 };

  it('grows by new messages, and contains all of them', async () => {
    const log = await withSignals(25);
    const folder = newFolder();
    const first = await exportStreams(log, { folder, ...small });
    assert.deepEqual(
      first.streams.SIGNALS?.map(({ first_sequence, last_sequence }) => [first_sequence, last_sequence]),
      [
        [1, 10],
        [11, 20],
        [21, 25],
      ],
    );
    assert.deepEqual(await exportStreams(log, { folder, ...small }), first);
    await publish(log, 26, 30);
    const second = await exportStreams(log, { folder, ...small });
    assert.deepEqual(second.streams.SIGNALS?.slice(0, 3), first.streams.SIGNALS);
    assert.equal(second.streams.SIGNALS?.at(-1)?.last_sequence, 30);
    assert.deepEqual(await verifyArchive({ folder, head: second.head }), second);
    await assert.rejects(verifyArchive({ folder, head: first.head }), ArchiveDamaged);
  });

  it('continues after an interruption, before and after a manifest', async () => {
    const log = await withSignals(40);
    const whole = await exportStreams(log, { folder: newFolder(), ...small });
    const folder = newFolder();
    const cut = new AbortController();
    await exportStreams(log, {
      folder,
      ...small,
      signal: cut.signal,
      onProgress: (_, done) => done >= 20 && cut.abort(),
    });
    await writeFile(join(folder, 'SIGNALS', '000000000021.parquet'), 'half of one');
    await writeFile(join(folder, 'SIGNALS', '000000000021.parquet.tmp'), 'half of another');
    const resumed = await exportStreams(log, { folder, ...small });
    assert.equal(resumed.head, whole.head);
    await verifyArchive({ folder });
  });

  it('seeds an empty environment with the same messages at the same sequences', async () => {
    const log = await withSignals(60);
    const odd = { ...signal(61).event, id: 'odd', data: {} };
    const publisher = log.publisher();
    await publisher.append(signals, { event: odd, natsSubject: 'signals.ensemble.a.b', expectedLastSequence: 0 });
    await publisher.close();
    const folder = newFolder();
    const exported = await exportStreams(log, { folder, streams: allStreams, maxRows: 7 });
    const seeded = await environment();
    await seedStreams(seeded, { folder });
    const without = storedAtLeftOut(await all(log, signals)).map(({ headers, ...rest }) => {
      const { 'Nats-Expected-Last-Subject-Sequence': _, ...kept } = headers;
      return { ...rest, headers: kept };
    });
    assert.deepEqual(storedAtLeftOut(await all(seeded, signals)), without);
    await seeded.ensureStreams(allStreams); // services require them
    assert.equal((await seeded.info(feeds)).lastSequence, 0);
    const again = await exportStreams(seeded, { folder: newFolder(), streams: allStreams, maxRows: 7 });
    assert.equal(again.head, exported.head);
  });

  it('continues an interrupted seeding, also when the server was killed', async () => {
    const log = await withSignals(3_000);
    const folder = newFolder();
    await exportStreams(log, { folder, streams: [signals], maxRows: 1_500 });
    const seeded = await environment();
    const cut = new AbortController();
    await seedStreams(seeded, { folder, signal: cut.signal, onProgress: (_, done) => done >= 1_000 && cut.abort() });
    const { lastSequence } = await seeded.info(signals);
    assert.ok(lastSequence >= 1_000 && lastSequence < 3_000, `${lastSequence}`);
    let killed: Promise<void> | undefined;
    const onProgress = () => {
      killed ??= server.kill().then(() => server.restart());
    };
    await seedStreams(seeded, { folder, onProgress });
    await killed;
    assert.deepEqual(
      (await all(seeded, signals)).map(({ payload }) => Buffer.from(payload).toString()),
      (await all(log, signals)).map(({ payload }) => Buffer.from(payload).toString()),
    );
    await assert.rejects(seedStreams(seeded, { folder }), StreamInUse);
  });

  it('does not seed an environment with messages', async () => {
    const log = await withSignals(3);
    const folder = newFolder();
    await exportStreams(log, { folder, streams: allStreams });
    const other = await withSignals(1);
    await assert.rejects(seedStreams(other, { folder }), StreamInUse);
    assert.equal((await other.info(signals)).lastSequence, 1);
    await assert.rejects(seedStreams(await environment(), { folder: newFolder() }), NoArchive);
  });

  it('rejects another log', async () => {
    const folder = newFolder();
    await exportStreams(await withSignals(5), { folder, ...small });
    await assert.rejects(exportStreams(await withSignals(4), { folder, ...small }), AnotherLog);
    const other = await environment();
    await other.ensureStreams(allStreams);
    await publish(other, 2, 9);
    await assert.rejects(exportStreams(other, { folder, ...small }), AnotherLog);
  });

  it('detects every changed byte, and missing or exchanged segments', async () => {
    const folder = newFolder();
    const { head } = await exportStreams(await withSignals(12), { folder, streams: [signals], maxRows: 4 });
    const files = ['manifest.json', ...(await readdir(join(folder, 'SIGNALS'))).map((name) => join('SIGNALS', name))];
    assert.equal(files.length, 4);
    const copy = newFolder();
    const damaged = async (what: string, change: () => Promise<void>): Promise<void> => {
      await cp(folder, copy, { recursive: true });
      await change();
      await assert.rejects(
        verifyArchive({ folder: copy, head }),
        (error) => /Archive/.test((error as Error).name),
        what,
      );
      await rm(copy, { recursive: true });
    };
    for (const file of files) {
      const bytes = await readFile(join(folder, file));
      const step = file.endsWith('.json') ? 7 : 97;
      for (let i = 0; i < bytes.length; i += step) {
        await damaged(`${file}, byte ${i}`, () => {
          const flipped = Buffer.from(bytes);
          flipped[i] = (flipped[i] ?? 0) ^ 1;
          return writeFile(join(copy, file), flipped);
        });
      }
    }
    const [, one = '', two = ''] = files;
    await damaged('a missing segment', () => rm(join(copy, one)));
    await damaged('two exchanged segments', async () => {
      await cp(join(folder, one), join(copy, two));
      await cp(join(folder, two), join(copy, one));
    });
    await damaged('a segment forgotten in the manifest', async () => {
      const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
      manifest.streams.SIGNALS.splice(1, 1);
      await writeFile(join(copy, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    });
    await assert.rejects(seedStreams(await environment(), { folder: copy }), NoArchive);
    assert.equal((await verifyArchive({ folder })).head, head);
  });
});
