import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { programAt, until } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { openReadModel } from '@crunch-node/projections';
import { allStreams, FeedRecorded, feedNatsSubject, feeds, instantOfMillis } from '@crunch-node/streams';
import { freshNamespace } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';
import { startStallingProxy } from './support/stalling-proxy.ts';

const RECORDS = 200_000;
/** A process that loads everything needs some 60 MB; the records that wait are several times as much. */
const HEAP_MB = 112;
/** heartbeats of a dozen readers in two seconds; a batch of records is half a megabyte */
const QUIET_BYTES = 20_000;
const patiently = { deadlineMs: 200_000, everyMs: 50 };

describe('a Postgres that stalls', () => {
  let servers: Servers;
  const namespace = freshNamespace();
  before(async () => {
    servers = await startServers();
    const log = await connectLog({ url: servers.nats.url, namespace });
    await log.ensureStreams(allStreams);
    const publisher = log.publisher();
    for (let n = 0; n < RECORDS; n += 5_000) {
      await Promise.all(
        Array.from({ length: 5_000 }, (_, i) => {
          const event = recordOf(n + i);
          return publisher.append(feeds, { event, natsSubject: feedNatsSubject(event.data) });
        }),
      );
    }
    await log.close();
  });
  after(() => servers?.stop());

  it('holds up reading, and never fills the memory of a projection', async () => {
    const database = new URL(servers.postgres.url);
    const [toPostgres, toNats] = await Promise.all([
      startStallingProxy(() => servers.postgres.port),
      startStallingProxy(() => servers.nats.port),
    ]);
    database.port = String(toPostgres.port);
    const { file, execArgv } = programAt(join(import.meta.dirname, 'support/bounded/project.program.ts'));
    const args = [`nats://127.0.0.1:${toNats.port}`, database.href, namespace.name, String(RECORDS)];
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, ...execArgv, file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    let reached = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      reached = Number(chunk.toString().trim().split('\n').at(-1));
    });
    try {
      await until('it to be at work', () => reached > 2_000 || child.exitCode !== null, patiently);
      toPostgres.stall();
      const before = toNats.passedOn;
      // Quiet for two seconds: apart from heartbeats nothing more is requested.
      for (let passed = -1; Math.abs(toNats.passedOn - passed) > QUIET_BYTES; await delay(2_000))
        passed = toNats.passedOn;
      const read = toNats.passedOn - before;
      assert.ok(reached < RECORDS / 2, `${reached} were projected before it stalled`);
      assert.ok(read < 32 * 1024 * 1024, `${read} bytes were read while Postgres stalled`);
      toPostgres.resume();
      const [code, signal] = await ended;
      assert.deepEqual([code, signal], [0, null]);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await Promise.all([toPostgres.close(), toNats.close()]);
    }
    const readModel = openReadModel({ url: servers.postgres.url, schema: namespace.schema });
    const { count } = await readModel.db
      .withSchema(readModel.schema)
      .selectFrom('feed_records')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    await readModel.close();
    assert.equal(Number(count), RECORDS);
  });
});

function recordOf(n: number): FeedRecorded {
  const ts_event = 1_700_000_000_000 + n * 1_000;
  return FeedRecorded.at(instantOfMillis(ts_event + 1_000), {
    source: 'test',
    subject: 'BTCUSDT',
    kind: 'candle',
    granularity: '1s',
    ts_event,
    values: { open: n, high: n + 1, low: n - 1, close: n, volume: 1 },
    metadata: { note: 'x'.repeat(300) },
  });
}
