import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { FeedWriter, redriveCommands } from '@crunch-node/ingest';
import { CommandRefused, createLogger, handleCommands, REDRIVE_COMMAND, sendCommand } from '@crunch-node/service';
import {
  allStreams,
  deadletters,
  encodeEvent,
  FeedRecorded,
  feeds,
  type Instant,
  MessageRejected,
  namespaceOf,
} from '@crunch-node/streams';
import { createOperations } from '../for-report/index.ts';
import { letterNamed, readAgain, readLetters, stateOf, UnknownLetter } from './letters.ts';
import { discardLetter, IngestUnavailable, LetterRefused, redriveCorrected, redriveInPlace } from './settle.ts';

const AT = '2024-01-01T00:01:00.000000Z' as Instant;
const record = (minute: number): FeedRecorded =>
  FeedRecorded.at(AT, {
    source: 'test',
    subject: 'BTC',
    kind: 'candle',
    granularity: '1m',
    ts_event: minute * 60_000,
    values: { close: 1 },
    metadata: {},
  });
const text = (event: FeedRecorded): string => Buffer.from(encodeEvent(event)).toString();

describe('dead letters', () => {
  let server: NatsServer;
  let log: EventLog;
  before(async () => {
    server = await privateNats();
    log = await connectLog({ url: server.url, namespace: namespaceOf('letters') });
    await log.ensureStreams(allStreams);
  });
  after(async () => {
    await log?.close();
    await server?.stop();
  });

  /** As a projection publishes it. */
  async function putAside(sequence: number, payload: Uint8Array | string, stream = 'FEEDS'): Promise<string> {
    const event = MessageRejected.at(AT, {
      stream,
      sequence,
      nats_subject: 'feeds.test.BTC.candle.1m',
      headers: {},
      payload_base64: Buffer.from(payload).toString('base64'),
      reason: 'expected JSON text',
      refused_by: 'feeds',
    });
    await log.publisher().append(deadletters, { event, natsSubject: MessageRejected.natsSubjectOf(event.data) });
    return event.id;
  }
  const letter = async (id: string) => letterNamed(await readLetters(log), id);

  it('are open until discarded, and can be discarded once', async () => {
    const id = await putAside(1, 'noise');
    assert.equal(stateOf(await letter(id)), 'open');
    const both = await Promise.allSettled([
      discardLetter(log, id, 'a test', 'ann'),
      discardLetter(log, id, 'me too', 'bob'),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(stateOf(await letter(id)), 'discarded');
    await assert.rejects(discardLetter(log, id, 'again', 'ann'), LetterRefused);
    await assert.rejects(redriveCorrected(log, id, encodeEvent(record(1)), 'ann'), /discarded already/);
  });

  it('are settled through the report API, with refusals it can answer', async () => {
    const id = await putAside(7, 'noise');
    const nowhere = 'postgres://127.0.0.1:1/none';
    const operations = createOperations({
      log,
      databaseUrl: nowhere,
      namespace: namespaceOf('letters'),
      logger: createLogger('silent'),
    });
    const refused = async (work: Promise<unknown>): Promise<number> => {
      const error = await work.then(
        () => assert.fail('expected a refusal'),
        (fault: Error) => fault,
      );
      assert.ok(error instanceof CommandRefused, String(error));
      return error.status;
    };
    const [found] = (await operations.letters({ all: false })).filter((letter) => letter.id === id);
    assert.deepEqual([found?.state, found?.readable, found?.redrive], ['open', false, null]);
    assert.equal((await operations.letter(id)).payload, 'noise');
    assert.equal(await refused(operations.letter('dead:FEEDS:8')), 404);
    assert.equal(await refused(operations.redrive(id, undefined, 'ann')), 409);
    assert.equal(await refused(operations.redrive(id, 'noise again', 'ann')), 409);
    assert.match((await operations.letter(id)).redrive ?? '', /expected a message of FEEDS/);
    assert.equal(await refused(operations.redrive(id, text(record(7)), 'ann')), 503, 'no ingest is running');
    const discarded = await operations.discard(id, 'a test', 'ann');
    assert.deepEqual([discarded.state, discarded.settled_by, discarded.redrive], ['discarded', 'ann', null]);
    assert.equal(await refused(operations.discard(id, 'again', 'ann')), 409);
    const { postgres, projections, streams } = await operations.status();
    assert.ok(postgres !== null && projections === null, 'Postgres is away, the log is not');
    assert.ok(streams.some(({ stream, messages }) => stream === 'DEADLETTERS' && messages > 0));
    await operations.close();
  });

  it('are appended by ingest once when corrected, and stay open while it is not running', async () => {
    const id = await putAside(2, '{"id":"feed:test');
    for (const wrong of ['noise', '{}']) {
      await assert.rejects(redriveCorrected(log, id, Buffer.from(wrong), 'ann'), LetterRefused);
    }
    await assert.rejects(redriveCorrected(log, id, encodeEvent(record(2)), 'ann'), (error: Error) => {
      assert.ok(error instanceof IngestUnavailable);
      assert.match(error.message, /^dead:FEEDS:2: expected a running ingest.*crunch-node serve ingest.*stays open/);
      return true;
    });
    assert.equal(stateOf(await letter(id)), 'open');

    const stop = new AbortController();
    const publisher = log.publisher();
    const writer = await FeedWriter.open(log, publisher, stop.signal);
    const commands = redriveCommands({ log, writer, signal: stop.signal, appended: () => undefined });
    const ingest = handleCommands(commands, { log, logger: createLogger('silent'), signal: stop.signal });
    try {
      for (const minute of [20, 21, 22]) await writer.append(record(minute));
      await until('ingest to answer', () => log.request(`commands.${REDRIVE_COMMAND}`, {}, 1_000).catch(() => false));
      const other = encodeEvent({ ...record(2), id: 'feed:other' });
      await assert.rejects(redriveCorrected(log, id, other, 'ann'), /dead:FEEDS:2: expected the id feed:test/);
      // As if an earlier attempt had ended between the record and the letter.
      const earlier = await sendCommand(log, REDRIVE_COMMAND, { after: 2, payload: text(record(2)) });
      const { data } = await redriveCorrected(log, id, encodeEvent(record(2)), 'ann');
      assert.equal(data.new_sequence, earlier.sequence);
      const last = await log.last(feeds, 'feeds.test.BTC.candle.1m');
      assert.deepEqual([last?.sequence, last?.event], [data.new_sequence, record(2)]);
      assert.equal((await letter(id)).settled?.data.by, 'ann');
    } finally {
      stop.abort();
      await ingest;
      await publisher.close();
    }
  });

  it('of stages cannot be corrected manually', async () => {
    const id = await putAside(3, 'noise', 'SCORES');
    await assert.rejects(redriveCorrected(log, id, encodeEvent(record(3)), 'ann'), /written by a stage/);
  });

  it('are redriven in place once the code can read them, after a rebuild of what had skipped them', async () => {
    const noise = await putAside(4, 'noise');
    const replayed: string[] = [];
    const replay = async (stream: string): Promise<void> => void replayed.push(stream);
    await assert.rejects(redriveInPlace(log, noise, replay, 'ann'), /cannot read it either/);
    assert.deepEqual(replayed, []);

    const readable = await putAside(5, encodeEvent(record(5)));
    assert.equal(readAgain(await letter(readable)).kind, 'event');
    const failing = () => Promise.reject(new Error('no room'));
    await assert.rejects(redriveInPlace(log, readable, failing, 'ann'), /no room/);
    assert.equal(stateOf(await letter(readable)), 'open');
    const { data } = await redriveInPlace(log, readable, replay, 'ann');
    assert.deepEqual([data.how, data.new_sequence, replayed], ['replayed', null, ['FEEDS']]);
  });

  it('have to be named by a valid id', async () => {
    await assert.rejects(discardLetter(log, 'dead:FEEDS:999', 'x', 'ann'), UnknownLetter);
    await assert.rejects(discardLetter(log, 'what', 'x', 'ann'), /such as dead:/);
  });
});
