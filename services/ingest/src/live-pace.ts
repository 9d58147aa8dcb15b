import { type FeedReports, type FeedSink, granularitySeconds, type LiveProvider } from '@crunch-node/feeds';
import { type FeedKey, feedNatsSubject, feeds, type Instant, instantOfMillis } from '@crunch-node/streams';
import { catchUp } from './catch-up.ts';
import { boundaryBefore } from './closing.ts';
import { count, feedPublisher, isSound } from './feed-publisher.ts';
import type { IngestContext } from './ingest-context.ts';
import { Latch } from './latch.ts';
import { LiveOrder } from './live-order.ts';
import { type IntakeOutlet, isNumbered, type Newest, resumeAt, SubjectIntake } from './subject-intake.ts';

/** Records of one subject that may wait for their cycle before its next page is requested; bounds memory. */
const BACKLOG = 5_000;

/** Catches up with the records since the log was last written, then follows the feed until the signal aborts. */
export async function runLive(given: IngestContext<LiveProvider>, reports: FeedReports): Promise<void> {
  const ending = new AbortController();
  const context = { ...given, signal: AbortSignal.any([given.signal, ending.signal]) };
  const { provider, writer, config, clock, vitals, signal } = context;
  const { subjects, kind, granularity, backfill_minutes } = config.feed;
  const startedMs = clock.nowMs();
  const backfillMs = startedMs - backfill_minutes * 60_000;
  const newest = new Map<string, Newest | null>();
  for (const subject of subjects) {
    newest.set(subject, await newestInLog(context, { source: provider.source, subject, kind, granularity }));
  }

  const order = new LiveOrder({
    subjects,
    cycleSeconds: config.cycle_seconds,
    latenessSeconds: config.lateness_seconds,
    closedTo: writer.closedTo,
    origin: boundaryBefore(earliest(newest.values(), instantOfMillis(backfillMs)), config.cycle_seconds),
    resumedAtMs: startedMs,
    quietMicros: kind === 'candle' ? granularitySeconds(granularity) * 1e6 - 1 : 0,
  });
  const arrived = new Latch();
  const delivered = new Latch();
  let fault: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    fault ??= { error };
    arrived.ring();
  };
  writer.failed.catch(fail);

  const intakes = new Map<string, SubjectIntake>();
  for (const subject of subjects) {
    const outlet: IntakeOutlet = {
      accepts: (record) => isSound(record, reports),
      deliver(arrival) {
        order.offer(arrival);
        arrived.ring();
      },
      confirm(upTo) {
        order.confirm(subject, upTo);
        arrived.ring();
      },
      duplicate: () => count(vitals, 'duplicates'),
    };
    intakes.set(subject, new SubjectIntake(newest.get(subject) ?? null, outlet));
  }
  const sink: FeedSink = {
    record: (record) => intakes.get(record.subject)?.takeLive({ record, receivedMicros: clock.nowMicros() }),
    confirmed: (subject, upTo) => intakes.get(subject)?.confirmLive(upTo),
    async room(subject, until) {
      const isFull = () => (intakes.get(subject)?.heldBack ?? 0) > BACKLOG || order.backlog(subject) > BACKLOG;
      while (isFull()) await delivered.sleep(1_000, clock, until);
    },
  };
  const catchUpOf = async ([subject, intake]: readonly [string, SubjectIntake]): Promise<void> => {
    const last = newest.get(subject) ?? null;
    await catchUp({
      provider,
      request: { subject, kind, granularity, startMs: last === null ? backfillMs : resumeAt(last) },
      clock,
      reports,
      signal,
      take: (record) => intake.take({ record, receivedMicros: clock.nowMicros() }),
      confirm: (upTo) => intake.confirm(upTo),
      async room() {
        while (order.backlog(subject) > BACKLOG) await delivered.sleep(1_000, clock, signal);
      },
    });
    intake.release();
    delivered.ring();
  };
  // Listening begins first: candles that close while the past is fetched are held back, not missed.
  const tasks = [provider.listen({ subjects, kind, granularity }, sink, signal), ...[...intakes].map(catchUpOf)];
  for (const task of tasks) task.catch(fail);

  const publisher = feedPublisher(context, reports);
  try {
    for (;;) {
      if (fault !== undefined) throw fault.error;
      signal.throwIfAborted();
      const step = order.next(clock.nowMs());
      if (step.kind === 'wait') {
        await arrived.sleep(step.untilMs - clock.nowMs(), clock, signal);
        continue;
      }
      if (step.kind === 'record') await publisher.record(step.arrival);
      else await publisher.closing(step.bounds);
      delivered.ring();
    }
  } finally {
    ending.abort();
    await Promise.allSettled(tasks);
  }
}

/** How far before the newest record of a feed others of its time are looked for. */
const TIED = 5_000;

async function newestInLog({ log, signal }: IngestContext, key: FeedKey): Promise<Newest | null> {
  const natsSubject = feedNatsSubject(key);
  const last = await log.last(feeds, natsSubject);
  if (last?.event.type !== 'FeedRecorded') return null;
  const { at, data } = last.event;
  const { ts_event, ordinal } = data;
  if (ordinal === undefined) return { at, ts_event };
  const isUnique: boolean = isNumbered(ordinal);
  if (isUnique) return { at, ts_event, ordinal };
  const ordinals = new Set([ordinal]);
  for await (const batch of log.read(feeds, { after: Math.max(0, last.sequence - TIED), maxWaitMs: 0, signal })) {
    for (const { event, natsSubject: of } of batch.events) {
      if (of !== natsSubject || event.type !== 'FeedRecorded' || event.data.ts_event !== ts_event) continue;
      if (event.data.ordinal !== undefined) ordinals.add(event.data.ordinal);
    }
    if (batch.lastSequence >= last.sequence) break;
  }
  return { at, ts_event, ordinal, ordinals };
}

const earliest = (newest: Iterable<Newest | null>, fallback: Instant): Instant =>
  [...newest].reduce<Instant>((at, one) => (one !== null && one.at < at ? one.at : at), fallback);
