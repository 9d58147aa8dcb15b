import { addSeconds, instantOfMillis, millisOf } from '@crunch-node/streams';
import { JsonLines, jsonFaultIn, jsonOf, NotJson } from '../../json/index.ts';
import { noticeGap } from '../../live/gap.ts';
import { keepConnected } from '../../live/keep-connected.ts';
import { runSocket } from '../../live/socket.ts';
import {
  Delivery,
  type FollowContext,
  followPages,
  type PageFollower,
  persist,
  Times,
  valueAt,
} from '../../rows/index.ts';
import { plainText } from '../../shown.ts';
import { rowFrom, rowsIn, subjectIn } from '../rest/rows-of.ts';
import { connectionOf, subscriptionsOf } from './connection.ts';
import type { SocketSettings } from './settings.ts';

export interface ListenContext extends Omit<FollowContext, 'readPage'> {
  readonly settings: SocketSettings;
  /** absent: records missed by a connection are lost, which is reported */
  readonly readPage: FollowContext['readPage'] | undefined;
}

/** So many messages may wait for what was missed before them; then the connection waits. */
const MAX_HELD = 5_000;
/** After so many records the sink is asked for room again. */
const EVERY = 500;
/** A candle whose end our clock does not know yet, but the service's does. */
const CLOCK_MS = 2_000;

export async function followMessages(context: ListenContext): Promise<void> {
  const { settings, request, sink, clock, reports, signal, readPage } = context;
  const follower: PageFollower | null = readPage === undefined ? null : followPages({ ...context, readPage });
  const deliveries =
    follower?.deliveries ??
    new Map(
      request.subjects.map(
        (subject) => [subject, new Delivery({ subject, startMs: 0, sink, clock, reports })] as const,
      ),
    );
  const times = new Times(settings.fields.timeUnit, reports);
  const subscriptions = subscriptionsOf(settings, request.subjects);
  let held: string[] | null = null;
  let isMissing = false;
  let released: Promise<void> = Promise.resolve();
  let count = 0;
  let fault: Error | undefined;
  const broken = new AbortController();

  function give(text: string): void {
    const body = jsonOf(text);
    if (body instanceof JsonLines) body.documents.forEach(giveMessage);
    else if (body !== undefined) giveMessage(body);
    // Other texts, such as the response to a heartbeat, are no messages.
    else if (/^\s*[[{]/.test(text)) giveMessage(new NotJson(text));
  }

  function giveMessage(body: unknown): void {
    const isMeant =
      body instanceof NotJson || settings.when.every(({ path, value }) => plainText(valueAt(body, path)) === value);
    if (!isMeant) return;
    for (const row of body instanceof NotJson ? [body] : (rowsIn(body, settings.fields) ?? [])) {
      const subject = row instanceof NotJson ? request.subjects[0]! : subjectOf(row);
      const delivery = deliveries.get(subject);
      if (delivery === undefined) continue;
      const isOpen = settings.closed !== null && !isTrue(valueAt(row, settings.closed));
      if (isOpen && jsonFaultIn(row) === null) continue;
      const key = { source: settings.source, subject, kind: request.kind, granularity: request.granularity };
      const { record } = rowFrom(key, row, settings.fields, times, reports);
      if (record === null) continue;
      delivery.give(record, settings.closed !== null || millisOf(record.at) <= clock.nowMs() + CLOCK_MS);
    }
  }

  const subjectOf = (row: unknown): string => subjectIn(row, settings.fields) ?? request.subjects[0]!;

  /** What the new connection brings waits until what was missed before it is in. */
  function opened(send: (text: string) => void): void {
    for (const message of subscriptions) send(message);
    if (follower === null) {
      noticeGaps(context, deliveries);
      return;
    }
    isMissing = true;
    if (held !== null) return;
    held = [];
    released = fillAll(follower)
      .then(() => {
        const waiting = held ?? [];
        held = null;
        for (const text of waiting) give(text);
      })
      .catch((error: Error) => {
        if (signal.aborted) return;
        fault = error;
        broken.abort();
      });
  }

  /** Again when the connection was lost meanwhile. */
  async function fillAll(missed: PageFollower): Promise<void> {
    while (isMissing) {
      isMissing = false;
      await persist(context, 'asking for what was missed', () => missed.fill());
    }
  }

  function message(text: string): Promise<void> | undefined {
    if (held !== null) {
      held.push(text);
      return held.length >= MAX_HELD ? released : undefined;
    }
    give(text);
    return ++count % EVERY === 0 && sink.room !== undefined ? roomForAll() : undefined;
  }

  async function roomForAll(): Promise<void> {
    for (const subject of request.subjects) await sink.room?.(subject, signal);
  }

  const connection = connectionOf(settings, request.subjects, clock);
  const until = AbortSignal.any([signal, broken.signal]);
  await keepConnected({
    name: 'the WebSocket',
    clock,
    reports,
    signal: until,
    run: () => runSocket(connection, { opened, message }, until),
  });
  if (fault !== undefined) throw fault;
}

/** Records can be missed before every connection but the first. */
function noticeGaps({ reports, clock, settings }: ListenContext, deliveries: ReadonlyMap<string, Delivery>): void {
  for (const [subject, { cursorMs }] of deliveries) {
    if (cursorMs === 0) continue;
    const from = addSeconds(instantOfMillis(cursorMs), 1e-6);
    noticeGap(reports, `${settings.source} ${subject}`, from, instantOfMillis(clock.nowMs()), 'no rest_url is set');
  }
}

const isTrue = (value: unknown): boolean => value === true || value === 1 || value === 'true';
