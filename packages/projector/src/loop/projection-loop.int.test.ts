import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { type Bench, drawn, draws, drawsClosed, openBench } from '@crunch-node/stages/testing';
import { deadletters, type Event, encodeEvent, type MessageRejected } from '@crunch-node/streams';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { deletePosition, listPositions } from '../position/position.ts';
import {
  LogRewritten,
  LogShorterThanPosition,
  ProjectionVersionChanged,
  StreamRecreated,
} from '../position/position-faults.ts';
import { drawsTable } from '../testing/draws-table.ts';
import { type ProjectionProgress, runProjection } from './projection-loop.ts';
import { ApplyFailed, WriteRefused } from './projection-loop-faults.ts';

const DEADLINE = { deadlineMs: 30_000 };

describe('the projection loop', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let bench: Bench;
  let db: Kysely<unknown>;
  let schema: string;
  let count = 0;
  let stopping: AbortController;

  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
  });
  after(async () => {
    await Promise.all([nats?.stop(), postgres?.stop()]);
  });
  beforeEach(async () => {
    stopping = new AbortController();
    bench = await openBench(nats.url, [draws, deadletters]);
    const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    schema = `loop_${++count}`;
    await sql`create schema ${sql.id(schema)}`.execute(db);
    await sql`create table ${sql.id(schema, 'draws')} (id text primary key, n integer not null)`.execute(db);
  });
  afterEach(async () => {
    stopping.abort();
    await db.destroy();
    await bench.close();
  });

  interface Running {
    readonly ended: Promise<void>;
    readonly waits: Error[];
    /** the logged messages */
    readonly warnings: string[];
    readonly progress: ProjectionProgress[];
  }

  function run(projection = drawsTable(), signal = stopping.signal): Running {
    const waits: Error[] = [];
    const warnings: string[] = [];
    const progress: ProjectionProgress[] = [];
    const ended = runProjection(projection, {
      log: bench.log,
      db,
      schema,
      logger: pino({ level: 'warn' }, { write: (line) => warnings.push(JSON.parse(line).msg) }),
      signal,
      idleCheckMs: 50,
      onProgress: (at) => progress.push(at),
      onWaiting: (reason) => waits.push(reason),
    });
    ended.catch(() => undefined);
    return { ended, waits, warnings, progress };
  }

  const numbers = async (): Promise<number[]> => {
    const { rows } = await sql<{ n: number }>`select n from ${sql.id(schema, 'draws')} order by n`.execute(db);
    return rows.map(({ n }) => n);
  };
  const has = (wanted: number[]) => async () => JSON.stringify(await numbers()) === JSON.stringify(wanted);
  const draw = (...values: number[]): Promise<void> =>
    bench.write(
      draws,
      values.map((n) => drawn(0, 1, n)),
    );
  const position = async () => (await listPositions(db, schema))[0];

  it('writes events published before and after its start, once', async () => {
    await draw(1, 2);
    run();
    await until('the rows', has([1, 2]), DEADLINE);
    await draw(3);
    await until('the row', has([1, 2, 3]), DEADLINE);
    const at = await position();
    assert.equal(at?.sequence, 3);
    assert.equal(at.message_id, drawn(0, 1, 3).id);
    assert.deepEqual(at.closings, { seen: drawn(0, 1, 3).at });
  });

  it('continues from its position after a stop', async () => {
    await draw(1, 2);
    const first = new AbortController();
    const { ended } = run(drawsTable(), first.signal);
    await until('the rows', has([1, 2]), DEADLINE);
    first.abort();
    await ended;
    await draw(3);
    run();
    await until('the row', has([1, 2, 3]), DEADLINE);
  });

  it('stops and reloads when another process moved its position', async () => {
    await draw(1);
    const { waits } = run();
    await until('the row', has([1]), DEADLINE);
    // Another instance has handled everything up to 3 already.
    await db.transaction().execute(async (trx) => {
      await sql`update ${sql.id(schema, 'positions')} set sequence = 3, message_id = ${drawn(0, 1, 3).id}`.execute(trx);
      await sql`insert into ${sql.id(schema, 'draws')} values ('other-2', 2), ('other-3', 3)`.execute(trx);
    });
    await draw(2, 3, 4);
    await until('the row after the other instance', has([1, 2, 3, 4]), DEADLINE);
    assert.ok(waits.some(({ name }) => name === 'PositionMoved'));
  });

  it('shares its work with a second instance without duplicate rows', async () => {
    const [one, other] = [run(), run()];
    const wanted = Array.from({ length: 300 }, (_, i) => i + 100);
    for (const n of wanted) await draw(n);
    await until('all rows', has(wanted), DEADLINE);
    stopping.abort();
    await Promise.all([one.ended, other.ended]);
  });

  it('starts from the beginning when it is rebuilt while idle', async () => {
    await draw(1, 2);
    run();
    await until('the rows', has([1, 2]), DEADLINE);
    await db.transaction().execute(async (trx) => {
      await deletePosition(trx, schema, 'draws');
      await sql`delete from ${sql.id(schema, 'draws')}`.execute(trx);
    });
    await until('the rows again', has([1, 2]), DEADLINE);
  });

  it('moves a malformed message to DEADLETTERS and skips an unknown type', async () => {
    const unknown: Event = { ...drawn(0, 1, 2), type: 'NumberDreamt', id: 'draws:0:a:dreamt' };
    const malformed: Event = { ...drawn(0, 1, 3), data: { n: 'three' }, id: 'draws:0:a:bad' };
    await draw(1);
    const publisher = bench.log.publisher();
    await publisher.append(draws, { event: unknown, natsSubject: 'draws.0.a' });
    await publisher.append(draws, { event: malformed, natsSubject: 'draws.0.a', obs: { host: 'x' } });
    await publisher.close();
    await draw(4);
    const { progress } = run();
    await until('the rows', has([1, 4]), DEADLINE);
    assert.equal(
      progress.reduce((sum, { unknown }) => sum + unknown, 0),
      1,
    );
    const last = await bench.log.last(deadletters, 'deadletters.DRAWS');
    const { data } = last!.event as MessageRejected;
    assert.equal(last?.event.id, 'dead:DRAWS:3');
    assert.equal(data.sequence, 3);
    assert.equal(data.refused_by, 'projection draws');
    assert.match(data.reason, /Expected/);
    assert.deepEqual(Buffer.from(data.payload_base64, 'base64'), Buffer.from(encodeEvent(malformed, { host: 'x' })));
    assert.deepEqual(data.headers['Nats-Msg-Id'], ['draws:0:a:bad']);
  });

  it('halts before an event it cannot apply, with all earlier events in the rows', async () => {
    await draw(1, 2, 13, 14);
    const { ended } = run();
    await assert.rejects(ended, (error: unknown) => {
      assert.ok(error instanceof ApplyFailed);
      assert.equal(error.sequence, 3);
      assert.equal(error.eventId, drawn(0, 1, 13).id);
      return true;
    });
    assert.deepEqual(await numbers(), [1, 2]);
    assert.equal((await position())?.sequence, 2);
  });

  it('halts when Postgres refuses a row', async () => {
    await sql`alter table ${sql.id(schema, 'draws')} add check (n < 10)`.execute(db);
    await draw(1, 11);
    await assert.rejects(run().ended, WriteRefused);
    assert.deepEqual(await numbers(), []);
  });

  it('waits for a Postgres that goes away, without lost or duplicate rows', async () => {
    await draw(1);
    const { waits } = run();
    await until('the row', has([1]), DEADLINE);
    await postgres.kill();
    await draw(2);
    await until('it to notice', () => waits.length > 0, DEADLINE);
    await draw(3);
    await postgres.restart();
    await until('the rows', has([1, 2, 3]), DEADLINE);
  });

  async function rowsUpTo(...values: number[]): Promise<void> {
    await draw(...values);
    const first = new AbortController();
    const { ended } = run(drawsTable(), first.signal);
    await until('the rows', has(values), DEADLINE);
    first.abort();
    await ended;
  }

  it('waits while the rows are of another version, and continues when they are of its own', async () => {
    await rowsUpTo(1);
    const { waits, warnings } = run(drawsTable(2));
    await draw(2);
    await until('it to say so', () => waits.some((error) => error instanceof ProjectionVersionChanged), DEADLINE);
    assert.match(waits[0]?.message ?? '', /`crunch-node replay draws`/);
    await until('it to have tried again', () => waits.length > 2, DEADLINE);
    assert.deepEqual(warnings, ['projection draws waits'], 'each cause is reported once');
    assert.deepEqual(await numbers(), [1]);
    await sql`update ${sql.id(schema, 'positions')} set version = 2`.execute(db);
    await until('the row', has([1, 2]), DEADLINE);
    await sql`update ${sql.id(schema, 'positions')} set version = 3`.execute(db);
    await until('it to notice', () => /newer release/.test(waits.at(-1)?.message ?? ''), DEADLINE);
  });

  it('stops at exactly the given sequence', async () => {
    await draw(1, 2, 3, 4, 5);
    const upTo = (sequence: number) =>
      runProjection(drawsTable(), {
        log: bench.log,
        db,
        schema,
        logger: pino({ level: 'silent' }),
        signal: stopping.signal,
        upTo: sequence,
      });
    await upTo(3);
    assert.deepEqual(await numbers(), [1, 2, 3]);
    assert.deepEqual([(await position())?.sequence, (await position())?.message_id], [3, drawn(0, 1, 3).id]);
    await upTo(2); // it is beyond that already
    await upTo(5);
    assert.deepEqual(await numbers(), [1, 2, 3, 4, 5]);
  });

  it('rejects a stream that was recreated', async () => {
    await rowsUpTo(1);
    await sql`update ${sql.id(schema, 'positions')} set created = '2020-01-01T00:00:00Z'`.execute(db);
    await assert.rejects(run().ended, (error: Error) => {
      assert.ok(error instanceof StreamRecreated);
      assert.match(error.message, /crunch-node replay draws --accept/);
      return true;
    });
  });

  it('rejects a log that is shorter than its position', async () => {
    await rowsUpTo(1);
    await sql`update ${sql.id(schema, 'positions')} set sequence = 9`.execute(db);
    await assert.rejects(run().ended, LogShorterThanPosition);
  });

  it('rejects a log with another message at its position', async () => {
    await rowsUpTo(1, 2);
    await sql`update ${sql.id(schema, 'positions')} set message_id = 'lost'`.execute(db);
    await assert.rejects(run().ended, LogRewritten);
  });

  it('handles closings like any event and may stop within a cycle', async () => {
    await bench.write(draws, [drawsClosed(0, 1)]);
    const { ended, progress } = run();
    await until('the position', () => progress.at(-1)?.position.sequence === 1, DEADLINE);
    stopping.abort();
    await ended;
    assert.deepEqual(await numbers(), []);
  });
});
