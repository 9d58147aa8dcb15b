/**
 * A stream read by sequence, one look-up per message, many in flight: nothing is created on the server, and the user
 * needs no permission but to look up messages. Live messages, which carry no sequence, only indicate when to look.
 *
 * A message is delivered only after an already delivered message was looked up again and found unchanged, so that a
 * recreated stream cannot be mistaken for the one that was read.
 */
import type { StreamDefinition } from '@crunch-node/streams';
import type { Msg } from 'nats';
import type { Connection } from './connection.ts';
import { ABSENT_ANSWERS, type DirectAnswer, directAnswer, PAUSE_MS } from './look-up-directly.ts';
import { type Delivered, type ReadSession, Waiting } from './session.ts';
import type { Stored } from './stored.ts';

const MAX_ON_THE_WAY = 512;
/** A response that takes longer counts as missing. */
const ANSWER_MS = 5_000;
/** How often the end of the stream is polled when no live message arrives, for whatever reason. */
const IDLE_MS = 2_000;
/** A live message may arrive before the stream has stored it: then the look-up is retried soon. */
const SOON_MS = [2, 5, 10, 25, 50, 100, 200, 400, 800];
/** So many messages waiting to be taken stop further requests. */
const WAITING_BYTES = 16 * 1024 * 1024;
/** How often a request is repeated at once after a mirror of the stream has responded. */
const TRIES_AT_ONCE = 8;

/** Identifies a stream. */
type Anchor = Pick<Stored, 'sequence' | 'id' | 'storedUs'>;

export interface LookUpTerms {
  readonly after: number;
  /** where the stream began and ended when it was last looked at */
  readonly known: { readonly firstSequence: number; readonly lastSequence: number };
  /** the message at `after`, null when there is none */
  readonly anchor: Anchor | null;
  readonly maxEvents: number;
}

/** A request in flight. */
interface Open {
  readonly askedAt: number;
  query: object;
  tries: number;
  /** kept until those before it are delivered */
  answer: Delivered | null;
}

const ANCHOR = 'anchor';

export function openLookUpSession(
  connection: Connection,
  definition: StreamDefinition,
  { after, known, anchor: start, maxEvents }: LookUpTerms,
): ReadSession {
  const { nc, namespace } = connection;
  const stream = namespace.streamName(definition.name);
  const address = `$JS.API.DIRECT.GET.${stream}`;
  const inbox = `${connection.inbox()}.`;
  const waiting = new Waiting();
  const onTheWay = new Map<number, Open>();
  // A reader from the start begins with the first message the stream still has.
  const first = after === 0 ? known.firstSequence : after + 1;
  let next = first;
  let due = first;
  /** all requests before this sequence have their responses */
  let answered = first;
  let last = known.lastSequence;
  let tries = SOON_MS.length;
  let timer: NodeJS.Timeout | undefined;
  let failed: string | null = null;
  let anchor = start;
  /** the stream's identity is being checked before messages up to `upTo` are delivered */
  let recognising: { readonly upTo: number; readonly askedAt: number; tries: number; absent: number } | null = null;

  function fail(reason: string): void {
    if (failed !== null) return;
    failed = reason;
    session.wake();
  }

  function ask(query: object, reply: string): void {
    if (failed === null && !nc.isClosed()) nc.publish(address, JSON.stringify(query), { reply: inbox + reply });
  }

  /** A mirror may respond again, but not every time. */
  function askAgain(query: object, reply: string, tries: number): void {
    if (tries < TRIES_AT_ONCE) ask(query, reply);
    else setTimeout(() => ask(query, reply), PAUSE_MS).unref();
  }

  function askFor(sequence: number, query: object): void {
    onTheWay.set(sequence, { askedAt: performance.now(), query, tries: 0, answer: null });
    ask(query, String(sequence));
  }

  function askForMore(): void {
    if (failed !== null) return;
    const limit = Math.min(MAX_ON_THE_WAY, 2 * maxEvents - waiting.size);
    for (; next <= last && onTheWay.size < limit && waiting.bytes < WAITING_BYTES; next++) askFor(next, { seq: next });
    if (next > last && onTheWay.size === 0) lookLater(SOON_MS[tries] ?? IDLE_MS);
  }

  /** Polls for one more message at the end of the stream. */
  function lookLater(afterMs: number): void {
    if (timer !== undefined || failed !== null) return;
    timer = setTimeout(() => {
      timer = undefined;
      tries++;
      if (onTheWay.size > 0 || next <= last) return;
      askFor(next, { seq: next, next_by_subj: '>' });
      next++;
    }, afterMs);
    timer.unref();
  }

  function onAnswer(message: Msg): void {
    if (failed !== null) return;
    const reply = message.subject.slice(inbox.length);
    let answer: DirectAnswer;
    try {
      answer = directAnswer(message, stream);
    } catch (error) {
      fail((error as Error).message);
      return;
    }
    if (reply === ANCHOR) onAnchor(answer);
    else onMessage(Number(reply), answer, message);
  }

  function onMessage(asked: number, answer: DirectAnswer, message: Msg): void {
    const open = onTheWay.get(asked);
    if (open === undefined || open.answer !== null) return;
    if (answer === 'absent' && asked > last) {
      onTheWay.delete(asked);
      next = asked;
      recognise();
      askForMore();
      return;
    }
    if (typeof answer === 'string') {
      // A sequence missing between two messages: the next message reports the gap to the reader.
      if (answer === 'absent') open.query = { seq: asked, next_by_subj: '>' };
      askAgain(open.query, String(asked), ++open.tries);
      return;
    }
    const { sequence, natsSubject, storedUs } = answer;
    last = Math.max(last, sequence);
    const stored = { subject: natsSubject, ...(message.headers && { headers: message.headers }) };
    open.answer = { message: stored, payload: message.data, sequence, storedUs, pending: 0 };
    while (onTheWay.get(answered)?.answer) answered++;
    if (answered > due) recognise();
    askForMore();
  }

  function recognise(): void {
    if (recognising !== null) return;
    if (anchor === null) {
      deliver(answered);
      return;
    }
    recognising = { upTo: answered, askedAt: performance.now(), tries: 0, absent: 0 };
    ask({ seq: anchor.sequence }, ANCHOR);
  }

  function onAnchor(answer: DirectAnswer): void {
    if (recognising === null || anchor === null) return;
    if (typeof answer === 'string') {
      if (answer === 'absent' && ++recognising.absent >= ABSENT_ANSWERS) fail('what was read is not there any more');
      else askAgain({ seq: anchor.sequence }, ANCHOR, ++recognising.tries);
      return;
    }
    if (answer.id !== anchor.id || answer.storedUs !== anchor.storedUs) {
      fail('another message is where it was read to');
      return;
    }
    const { upTo } = recognising;
    recognising = null;
    deliver(upTo);
    if (answered > due) recognise();
    askForMore();
  }

  function deliver(upTo: number): void {
    for (; due < upTo; due++) {
      const delivered = onTheWay.get(due)!.answer!;
      const { sequence, storedUs, message } = delivered;
      anchor = { sequence, storedUs, id: message.headers?.get('Nats-Msg-Id') ?? '' };
      waiting.push({ ...delivered, pending: Math.max(0, last - sequence) }, performance.now());
      onTheWay.delete(due);
    }
    if (waiting.size > 0) session.wake();
  }

  const answers = nc.subscribe(`${inbox}*`, {
    callback: (error, message) => (error === null ? onAnswer(message) : fail(error.message)),
  });
  const live = definition.natsSubjects.map((pattern) =>
    nc.subscribe(namespace.natsSubject(pattern), {
      callback: (error) => {
        if (error !== null) return; // without it the end is polled
        tries = 0;
        clearTimeout(timer);
        timer = undefined;
        if (onTheWay.size === 0) lookLater(0);
      },
    }),
  );
  const leave = connection.listen({
    disconnected: () => fail('the connection was lost'),
    closed: () => fail('the connection was closed'),
    publishDenied: (natsSubject) => {
      if (natsSubject === address) fail('its user may not look messages up');
    },
  });
  const overdue = setInterval(() => {
    const oldest = onTheWay.get(due);
    const since = Math.min(oldest?.answer === null ? oldest.askedAt : Infinity, recognising?.askedAt ?? Infinity);
    if (performance.now() - since > ANSWER_MS) fail('an answer is missing');
  }, ANSWER_MS / 4);
  overdue.unref();

  const session: ReadSession = {
    waiting,
    get newestPending() {
      return Math.max(0, last - due + 1);
    },
    get failed() {
      return failed;
    },
    wake: () => {},
    take(count) {
      const taken = waiting.take(count);
      askForMore();
      return taken;
    },
    close() {
      clearInterval(overdue);
      clearTimeout(timer);
      leave();
      failed ??= 'it was closed';
      if (nc.isClosed()) return;
      for (const subscription of [answers, ...live]) subscription.unsubscribe();
    },
  };
  askForMore();
  return session;
}
