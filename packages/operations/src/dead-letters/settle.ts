import { FencedError, type LogAppender, type LogLookup, type LogReader, type LogRequests } from '@crunch-node/eventlog';
import { CommandRefused, REDRIVE_COMMAND, sendCommand } from '@crunch-node/service';
import {
  deadletters,
  decodeEvent,
  type Event,
  escapeToken,
  feeds,
  instantOfMillis,
  MessageDiscarded,
  MessageRedriven,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { type Letter, letterNamed, readAgain, readLetters, stateOf, streamIn } from './letters.ts';

/** Reads and settles letters. */
type LogOfLetters = LogAppender & LogReader & LogLookup;

/** The request is not possible for this letter. */
export class LetterRefused extends CrunchError {
  override readonly name = 'LetterRefused';
  override readonly code = 'letter_refused';
  constructor(letter: Letter, reason: string) {
    super(`${letter.id}: ${reason}`);
  }
}

/** FEEDS has one writer, which is not running. */
export class IngestUnavailable extends CrunchError {
  override readonly name = 'IngestUnavailable';
  override readonly code = 'ingest_unavailable';
  constructor({ id }: Letter, detail: string) {
    super(
      `${id}: expected a running ingest, the one writer of ${feeds.name}, to append the record, received: ${detail}. ` +
        'Start the competition (crunch-node up, or crunch-node serve ingest) and redrive again: the letter stays open, ' +
        'and a record that was appended is not appended twice',
    );
  }
}

const now = () => instantOfMillis(Date.now());

/** Records that the letter is discarded. @throws {UnknownLetter} {LetterRefused} */
export async function discardLetter(
  log: LogOfLetters,
  id: string,
  reason: string,
  by: string,
): Promise<MessageDiscarded> {
  return settle(log, id, ({ rejected: { data } }) =>
    MessageDiscarded.at(now(), { stream: data.stream, sequence: data.sequence, reason, by }),
  );
}

/**
 * Has ingest append a corrected message to FEEDS, the stream of the letter. It keeps its `at`, so readers treat it as
 * late. Other streams are written by stages, which publish missing events by themselves.
 * @throws {UnknownLetter} {LetterRefused} {IngestUnavailable} nothing is settled: the command may be repeated
 */
export async function redriveCorrected(
  log: LogOfLetters & LogRequests,
  id: string,
  payload: Uint8Array,
  by: string,
): Promise<MessageRedriven> {
  return settle(log, id, async (letter) => {
    const { stream, sequence } = letter.rejected.data;
    if (stream !== feeds.name) {
      throw new LetterRefused(
        letter,
        `${stream} is written by a stage, which publishes what is missing by itself; discard the letter`,
      );
    }
    const decoded = decodeEvent(feeds, payload);
    if (decoded.kind !== 'event') {
      const why = decoded.kind === 'malformed' ? decoded.reason : `type ${decoded.type} version ${decoded.v}`;
      throw new LetterRefused(letter, `expected a message of ${stream} in the file, received something else: ${why}`);
    }
    const { event } = decoded;
    if (event.type !== 'FeedRecorded') {
      throw new LetterRefused(letter, `expected a FeedRecorded, received a ${event.type}: cycles are closed by ingest`);
    }
    const new_sequence = await appendByIngest(log, letter, payload);
    return MessageRedriven.at(now(), { stream, sequence, how: 'corrected', event_id: event.id, new_sequence, by });
  });
}

/**
 * Records that the current code reads the message in place, once `replay` has rebuilt what had skipped it.
 * @throws {UnknownLetter} {LetterRefused} while it is unreadable, or when there is nothing to rebuild
 */
export async function redriveInPlace(
  log: LogOfLetters,
  id: string,
  replay: (stream: string) => Promise<void>,
  by: string,
): Promise<MessageRedriven> {
  return settle(log, id, async (letter) => {
    const decoded = readAgain(letter);
    if (decoded.kind !== 'event') {
      const why = decoded.kind === 'malformed' ? decoded.reason : `type ${decoded.type} version ${decoded.v}`;
      throw new LetterRefused(
        letter,
        `this version cannot read it either (${why}); correct it (--payload <file>) or discard it`,
      );
    }
    const { stream, sequence } = letter.rejected.data;
    await replay(stream);
    const event_id = decoded.event.id;
    return MessageRedriven.at(now(), { stream, sequence, how: 'replayed', event_id, new_sequence: null, by });
  });
}

/** Records how a letter was settled, with the sequence that was read as expected sequence: a letter is settled once. */
async function settle<E extends Event>(
  log: LogOfLetters,
  id: string,
  decide: (letter: Letter) => E | Promise<E>,
): Promise<E> {
  const publisher = log.publisher();
  let event: E | undefined;
  try {
    for (;;) {
      const natsSubject = `deadletters.${escapeToken(streamIn(id))}`;
      const expectedLastSequence = await log.lastSequence(deadletters, natsSubject);
      const letter = letterNamed(await readLetters(log), id);
      if (letter.settled !== null) throw new LetterRefused(letter, `it is ${stateOf(letter)} already`);
      event ??= await decide(letter);
      try {
        await publisher.append(deadletters, { event, natsSubject, expectedLastSequence });
        return event;
      } catch (error) {
        if (!(error instanceof FencedError)) throw error;
      }
    }
  } finally {
    await publisher.close();
  }
}

/**
 * The sequence at which ingest appended it, now or at an earlier attempt. @throws {LetterRefused | IngestUnavailable}
 */
async function appendByIngest(log: LogRequests, letter: Letter, payload: Uint8Array): Promise<number> {
  const body = { after: letter.rejected.data.sequence, payload: Buffer.from(payload).toString('utf8') };
  try {
    return (await sendCommand(log, REDRIVE_COMMAND, body, { timeoutMs: REDRIVE_MS })).sequence;
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    if (error.status === 503) throw new IngestUnavailable(letter, error.message);
    throw new LetterRefused(letter, error.message);
  }
}

/** Ingest first looks for a record of an earlier attempt, which takes a while in a long log. */
const REDRIVE_MS = 60_000;
