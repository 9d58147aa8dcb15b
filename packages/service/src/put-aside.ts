import {
  FencedError,
  type LogAppender,
  type LogConnection,
  type LogLookup,
  type LogReader,
  type Malformed,
  type Publisher,
} from '@crunch-node/eventlog';
import { deadletters, instantOfMillis, MessageRejected } from '@crunch-node/streams';
import type { Logger } from 'pino';
import { readTail } from './read-to-end.ts';

/** Reads the existing dead letters, and adds new ones. */
type LogOfDeadLetters = LogAppender & LogReader & LogLookup & Pick<LogConnection, 'capabilities'>;

/** Room for the envelope, the headers and the reason in addition to the payload. */
const ENVELOPE_BYTES = 16 * 1024;
const HEADER_BYTES = 4 * 1024;
/** Maximum length of the reason, in characters. */
const REASON_LIMIT = 1_000;

/** The known dead letters of one log; shared by all readers of a connection. */
interface Box {
  /** `STREAM:sequence` of messages that have a dead letter */
  readonly known: Set<string>;
  readonly lastSequences: Map<string, number>;
  readTo: number;
  previous: Promise<void>;
}

/** The readers that found the messages. */
export interface Finder {
  /** `projection scores`, `stage rank` */
  readonly refusedBy: string;
  readonly log: LogOfDeadLetters;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const boxes = new WeakMap<LogOfDeadLetters, Box>();

function boxOf(log: LogOfDeadLetters): Box {
  let box = boxes.get(log);
  if (box === undefined) {
    box = { known: new Set(), lastSequences: new Map(), readTo: 0, previous: Promise.resolve() };
    boxes.set(log, box);
  }
  return box;
}

/**
 * Copies unreadable messages to DEADLETTERS as they were, each once: every loop that reads a stream finds them, and
 * finds them again after a restart. The expected sequence covers all letters read so far.
 */
export async function putAside(stream: string, malformed: readonly Malformed[], by: Finder): Promise<void> {
  if (malformed.length === 0) return;
  const box = boxOf(by.log);
  const turn = box.previous.then(() => write(box, stream, malformed, by));
  box.previous = turn.catch(() => undefined);
  return turn;
}

async function write(box: Box, stream: string, malformed: readonly Malformed[], by: Finder): Promise<void> {
  const { log, logger, refusedBy, signal } = by;
  let publisher: Publisher | undefined;
  try {
    for (const message of malformed) {
      const place = `${stream}:${message.sequence}`;
      while (!box.known.has(place)) {
        await catchUp(log, box, signal);
        if (box.known.has(place)) break;
        const event = rejected(message, stream, refusedBy, log.capabilities.maxPayload);
        const natsSubject = MessageRejected.natsSubjectOf(event.data);
        const expectedLastSequence = box.lastSequences.get(natsSubject) ?? 0;
        publisher ??= log.publisher();
        try {
          await publisher.append(deadletters, { event, natsSubject, expectedLastSequence });
          const { sequence, reason } = message;
          logger.warn({ stream, sequence, reason, event_id: event.id }, 'dead letter appended');
        } catch (error) {
          // Another process appended first, this letter or another one: read again.
          if (!(error instanceof FencedError)) throw error;
          signal.throwIfAborted();
        }
      }
    }
  } finally {
    await publisher?.close();
  }
}

async function catchUp(log: LogOfDeadLetters, box: Box, signal: AbortSignal): Promise<void> {
  const advanceTo = (natsSubject: string, sequence: number): void => {
    box.lastSequences.set(natsSubject, Math.max(sequence, box.lastSequences.get(natsSubject) ?? 0));
    box.readTo = Math.max(box.readTo, sequence);
  };
  await readTail(
    log,
    deadletters,
    box.readTo,
    signal,
    ({ event, natsSubject, sequence }) => {
      advanceTo(natsSubject, sequence);
      const { data } = event as { data: { stream: string; sequence: number } };
      if (event.type === MessageRejected.type) box.known.add(`${data.stream}:${data.sequence}`);
    },
    ({ natsSubject, sequence }) => advanceTo(natsSubject, sequence),
  );
}

/** The headers are from the writer of the message: those that do not fit are listed in a header of the dead letter. */
function keptHeaders(headers: Malformed['headers']): Record<string, string[]> {
  let left = HEADER_BYTES;
  const kept: [string, string[]][] = [];
  let omitted = 0;
  for (const [name, values] of Object.entries(headers)) {
    const bytes = Buffer.byteLength(JSON.stringify([name, values]));
    if (bytes <= left) kept.push([name, [...values]]);
    else omitted += 1;
    left -= bytes <= left ? bytes : 0;
  }
  return Object.fromEntries(omitted === 0 ? kept : [...kept, ['Headers-Omitted', [String(omitted)]]]);
}

function rejected(
  { sequence, natsSubject, headers, payload, reason }: Malformed,
  stream: string,
  refusedBy: string,
  maxPayload: number,
): MessageRejected {
  const roomBytes = Math.max(0, Math.floor((maxPayload - ENVELOPE_BYTES) * 0.75)); // base64 is 4/3 as long
  const kept = payload.subarray(0, roomBytes);
  const cut = kept.length < payload.length ? `; only the first ${kept.length} of ${payload.length} bytes kept` : '';
  return MessageRejected.at(instantOfMillis(Date.now()), {
    stream,
    sequence,
    nats_subject: natsSubject,
    headers: keptHeaders(headers),
    payload_base64: Buffer.from(kept).toString('base64'),
    reason: reason.slice(0, REASON_LIMIT).toWellFormed() + cut,
    refused_by: refusedBy,
  });
}
