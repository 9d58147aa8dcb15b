/**
 * A stream read by its sequences, one look-up per message, many on their way: nothing is made on the server, and its
 * user needs no right but to look messages up. Live messages, which carry no sequence, only say when to look.
 */
import type { StreamDefinition } from '@crunch-node/streams';
import type { Msg } from 'nats';
import type { Link } from './link.ts';
import { microsOf } from './server-time.ts';
import { type Delivered, type ReadSession, Waiting } from './session.ts';

const MAX_ON_THE_WAY = 256;
/** An answer that takes longer counts as missing. */
const ANSWER_MS = 5_000;
/** How often the end of the stream is looked at when nothing live is heard, for whatever reason. */
const IDLE_MS = 2_000;
/** A live message may be heard before the stream has stored it: then it is looked for again, soon. */
const SOON_MS = [2, 5, 10, 25, 50, 100, 200, 400, 800];
/** Messages waiting to be taken hold back further questions. */
const WAITING_BYTES = 16 * 1024 * 1024;

/** @param known where the stream ended when it was last looked at */
export function openLookUpSession(
  link: Link,
  definition: StreamDefinition,
  after: number,
  known: { readonly firstSequence: number; readonly lastSequence: number },
  maxEvents: number,
): ReadSession {
  const { nc, namespace } = link;
  const address = `$JS.API.DIRECT.GET.${namespace.streamName(definition.name)}`;
  const inbox = `${link.inbox()}.`;
  const waiting = new Waiting();
  /** asked for and not answered, or answered before its predecessors */
  const onTheWay = new Map<number, { readonly askedAt: number; readonly answer: Delivered | null }>();
  // Whoever reads from the start takes what is left of the stream.
  const first = after === 0 ? known.firstSequence : after + 1;
  let next = first;
  let due = first;
  let last = known.lastSequence;
  let tries = SOON_MS.length;
  let timer: NodeJS.Timeout | undefined;
  let failed: string | null = null;

  function fail(reason: string): void {
    if (failed !== null) return;
    failed = reason;
    session.wake();
  }

  function ask(query: object, reply: string): void {
    nc.publish(address, JSON.stringify(query), { reply: inbox + reply });
  }

  function askForMore(): void {
    if (failed !== null) return;
    const limit = Math.min(MAX_ON_THE_WAY, 2 * maxEvents - waiting.size);
    while (next <= last && onTheWay.size < limit && waiting.bytes < WAITING_BYTES) {
      onTheWay.set(next, { askedAt: performance.now(), answer: null });
      ask({ seq: next }, String(next));
      next++;
    }
    if (next > last && onTheWay.size === 0) lookLater(SOON_MS[tries] ?? IDLE_MS);
  }

  /** At the end of the stream: is there one more? */
  function lookLater(afterMs: number): void {
    if (timer !== undefined || failed !== null) return;
    timer = setTimeout(() => {
      timer = undefined;
      tries++;
      if (onTheWay.size > 0 || next <= last) return;
      onTheWay.set(next, { askedAt: performance.now(), answer: null });
      ask({ seq: next, next_by_subj: '>' }, String(next));
      next++;
    }, afterMs);
    timer.unref();
  }

  function onAnswer(message: Msg): void {
    const asked = Number(message.subject.slice(inbox.length));
    const open = onTheWay.get(asked);
    if (failed !== null || open === undefined || open.answer !== null) return;
    const { headers } = message;
    if (headers?.code === 404) {
      onNothing(asked);
      return;
    }
    if (headers === undefined || headers.hasError) {
      fail(headers?.status ?? 'an unknown answer');
      return;
    }
    const sequence = Number(headers.get('Nats-Sequence'));
    last = Math.max(last, sequence);
    const storedUs = microsOf(headers.get('Nats-Time-Stamp'));
    const stored = { subject: headers.get('Nats-Subject'), headers };
    const answer = { message: stored, payload: message.data, sequence, storedUs, pending: 0 };
    onTheWay.set(asked, { ...open, answer });
    deliver();
    askForMore();
  }

  function onNothing(asked: number): void {
    if (asked <= last) {
      // Between two others there is none: the next one tells the reader of the gap.
      ask({ seq: asked, next_by_subj: '>' }, String(asked));
      return;
    }
    onTheWay.delete(asked);
    next = asked;
    askForMore();
  }

  function deliver(): void {
    for (let open = onTheWay.get(due); open?.answer; open = onTheWay.get(due)) {
      waiting.push({ ...open.answer, pending: Math.max(0, last - open.answer.sequence) }, performance.now());
      onTheWay.delete(due);
      due++;
    }
    if (waiting.size > 0) session.wake();
  }

  const answers = nc.subscribe(`${inbox}*`, {
    callback: (error, message) => (error === null ? onAnswer(message) : fail(error.message)),
  });
  const live = definition.natsSubjects.map((pattern) =>
    nc.subscribe(namespace.natsSubject(pattern), {
      callback: (error) => {
        if (error !== null) return; // without it the end is looked at now and then
        tries = 0;
        clearTimeout(timer);
        timer = undefined;
        if (onTheWay.size === 0) lookLater(0);
      },
    }),
  );
  const leave = link.listen({
    disconnected: () => fail('the connection was lost'),
    closed: () => fail('the connection was closed'),
    publishDenied: (natsSubject) => {
      if (natsSubject === address) fail('its user may not look messages up');
    },
  });
  const overdue = setInterval(() => {
    const oldest = onTheWay.get(due);
    if (oldest?.answer === null && performance.now() - oldest.askedAt > ANSWER_MS) fail('an answer is missing');
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
