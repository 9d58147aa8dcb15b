import { crashPoint, type Publisher, type Recorded } from '@crunch-node/eventlog';
import {
  type Closing,
  isClosing,
  type JsonObject,
  type Observations,
  type StreamDefinition,
} from '@crunch-node/streams';
import { aborted } from './aborted.ts';
import { account } from './account.ts';
import { Closings, type KeptClosings } from './closings.ts';
import { type Consultation, consult, type Knowledge, type Learned, noKnowledge } from './consulted.ts';
import { counter, type LoopMeans, runTogether, tenancyOf } from './loop.ts';
import { readOutboxes, readTail } from './outbox.ts';
import type { PromptStage } from './prompt-stage.ts';
import { Pulse } from './pulse.ts';
import { resume, type Seen } from './saved-state/resume.ts';
import { publishing } from './tenancy.ts';
import { continueTrace, traceIdOf } from './trace.ts';
import { Writer } from './writer.ts';

/** What is saved of a partition, besides where it had read. */
interface Kept {
  readonly stage: unknown;
  readonly closings: KeptClosings | null;
  readonly known: Learned<unknown> | null;
}

/** Of a partition that has looked at a closing, until it is out. */
interface Planned {
  readonly stage: unknown;
  readonly closings: KeptClosings | null;
  readonly at: Seen;
}

/** Events a partition may lag behind the reader; bounds memory when one partition is slow. */
const QUEUE_LIMIT = 1_000;

/** Events whose work may be on its way at once, so that models that do not answer hold up reading, not fill memory. */
const MAX_AT_WORK = 500;

/**
 * Runs partitions of a prompt stage that were taken together, on one shared reader. A partition that is lost or given
 * away ends alone; the rest goes on.
 */
export async function runPrompt(stages: readonly PromptStage[], means: LoopMeans): Promise<void> {
  const { log, logger, guard, signal, vitals, instruments } = means;
  const [first] = stages;
  if (first === undefined) return;
  const outboxes = await readOutboxes(log, stages, signal);
  const tenancies = stages.map((_, i) => tenancyOf(means, i));
  const resumption = await resume(
    stages.map((stage) => ({ ...stage, reads: [stage.input, ...(stage.consulted ? [stage.consulted.stream] : [])] })),
    means,
    tenancies,
    outboxes,
  );
  const { saved } = resumption;
  const kept = saved.map((state) => (state?.state ?? null) as Kept | null);
  const states = stages.map((stage, i) =>
    stage.keeping && kept[i] ? stage.keeping.restore(kept[i].stage) : stage.initial(),
  );
  const saidTo = saved.map((state) => state?.said ?? 0);
  await readTail(log, first.stream, Math.min(...saidTo), signal, ({ event, natsSubject, sequence }) => {
    const owner = stages.findIndex((stage) => stage.owns(natsSubject));
    if (owner < 0 || sequence <= saidTo[owner]! || isClosing(event)) return;
    states[owner] = stages[owner]!.remember(states[owner], event);
  });
  const pulse = new Pulse(signal);
  const queues = new Map(stages.map((_, i) => [i, [] as Recorded[]]));
  /** of what is in the queues */
  let lastRead = 0;
  const count = counter(vitals);
  const consultations = stages.map(
    ({ consulted }, i) =>
      consulted &&
      consult(
        consulted,
        (outboxes[i]?.lastClosing?.event ?? null) as Closing | null,
        signal,
        kept[i]?.known ?? undefined,
      ),
  );

  async function readInput(input: StreamDefinition, running: AbortSignal): Promise<void> {
    for await (const batch of log.read(input, {
      after: resumption.after(input),
      maxEvents: QUEUE_LIMIT,
      maxWaitMs: 0,
      traces: true,
      signal: running,
    })) {
      const newest = batch.events.findLast(({ event }) => isClosing(event))?.event.at ?? '';
      lastRead = batch.lastSequence;
      for (const [i, queue] of queues) {
        const from = saved[i]?.places[input.name]?.sequence ?? 0;
        queue.push(...batch.events.filter(({ sequence }) => sequence > from));
        tenancies[i]!.progress.sawClosing(newest);
        if (queue.length === 0) tenancies[i]!.progress.readTo(input.name, lastRead);
      }
      count('events', batch.events.length);
      pulse.beat();
      await account(input.name, batch, means, running);
      const hasRoom = (): boolean => [...queues.values()].every((queue) => queue.length < QUEUE_LIMIT);
      if (!(await pulse.until(hasRoom, running))) return;
    }
  }

  async function readConsulted(input: string, consultation: Consultation, i: number, running: AbortSignal) {
    const { progress } = tenancies[i]!;
    progress.readTo(input, consultation.kept().learnedTo?.sequence ?? 0);
    await consultation.read(log, running, (batch) => {
      progress.readTo(input, batch.lastSequence);
      return account(input, batch, means, running);
    });
  }

  async function runPartition(i: number, own: AbortSignal, publisher: Publisher): Promise<void> {
    const stage = stages[i]!;
    const queue = queues.get(i)!;
    const { partition, progress, leaving } = tenancies[i]!;
    const writer = new Writer(log, publisher, stage.stream, outboxes[i]!);
    const knowledge: Knowledge = consultations[i] ?? noKnowledge;
    const closings = stage.sources && new Closings(stage.sources, kept[i]?.closings ?? {});
    const saver = stage.keeping && means.states?.saver(partition, own);
    const saidUntil = (outboxes[i]?.lastClosing?.event as Closing | undefined)?.data.end ?? '';
    /** ends when the partition does, or work fails that nobody waits for */
    const broken = new AbortController();
    const working = AbortSignal.any([own, broken.signal]);
    /** work of the open cycle */
    let inFlight: Promise<void>[] = [];
    /** settles when every closing so far is out: what belongs to the next cycle may be asked before, not said */
    let closed: Promise<void> = Promise.resolve();
    let lastEnd: string = saved[i]?.cycle_end ?? '';
    let inHand = 0;
    /** nothing of the cycle that is open was looked at yet */
    let atBoundary = true;
    progress.countPending(() => queue.length + inHand);
    if (saidUntil !== '') progress.close(saidUntil);

    async function workOn(work: unknown, cause: Recorded): Promise<void> {
      const earlierClosings = closed;
      const trace_id = traceIdOf(cause.traceparent);
      logger.debug({ partition, event_id: cause.event.id, trace_id }, 'asks');
      const answers = await stage.ask(work, states[i], working, knowledge);
      crashPoint('models-asked');
      // Work given up because we are stopping leaves its cycle open: the next owner does it.
      working.throwIfAborted();
      const said = stage.record(work, answers);
      await earlierClosings;
      const begunAt = performance.now();
      await Promise.all(
        said.map(async ({ event, obs }) => {
          const traceparent = continueTrace(cause.traceparent, event.id);
          await writer.say(event, {
            obs: withCause(cause.obs, obs),
            ...(traceparent !== undefined && { traceparent }),
          });
          const failures = stage.failures?.(event, obs) ?? null;
          const about = { partition, event_id: event.id, caused_by: cause.event.id, trace_id };
          if (failures !== null) logger.info({ ...about, ...failures }, 'said, with failures');
          else logger.debug(about, 'said');
        }),
      );
      instruments.committed((performance.now() - begunAt) / 1000);
      for (const { event } of said) states[i] = stage.remember(states[i], event);
      count('said', said.length);
    }

    async function forward(
      closing: Closing,
      earlier: Promise<void>,
      work: readonly Promise<void>[],
      planned: Planned | null,
    ): Promise<void> {
      await Promise.all([earlier, ...work]);
      await guard.untilActive(working);
      const own = stage.closing(closing.data);
      const said = await writer.close(own);
      consultations[i]?.forget(closing);
      // Before anything of the next cycle is said: that waits for this closing.
      if (planned !== null) keep(own, planned, said);
      progress.close(closing.data.end);
      instruments.cycleClosed(partition);
      count('cycles', 1);
    }

    function planned({ event, sequence, stored_us = 0 }: Recorded): Planned | null {
      if (!stage.keeping || saver === undefined) return null;
      return {
        stage: stage.keeping.planned(states[i]),
        closings: closings?.kept() ?? null,
        at: { sequence, message_id: event.id, stored_us },
      };
    }

    function keep(own: Closing, { stage: begun, closings: ahead, at }: Planned, said: number): void {
      const known = consultations[i]?.kept() ?? null;
      const places = [resumption.placeIn(stage.input.name, at)];
      if (stage.consulted && known?.learnedTo) {
        places.push(resumption.placeIn(stage.consulted.stream.name, known.learnedTo));
      }
      const state: Kept = { stage: stage.keeping?.said(begun, states[i]), closings: ahead, known };
      saver?.offer({
        cycle_end: own.data.end,
        places: {
          ...Object.fromEntries(places.map((place) => [place.stream, place])),
          ...resumption.placeOfOwn(stage.stream.name, own, said),
        },
        said,
        state,
      });
    }

    async function go(step: Promise<void>): Promise<void> {
      inHand += 1;
      const ended = step.finally(() => {
        inHand -= 1;
        progress.moved();
        if (inHand === MAX_AT_WORK - 1) pulse.beat();
      });
      if (stage.sequential) return ended;
      ended.catch((error: unknown) => {
        if (working.aborted) return;
        broken.abort(error);
        pulse.beat();
      });
    }

    const isDue = (): boolean => queue.length > 0 || (leaving.aborted && atBoundary);
    if (consultations[i]) await Promise.race([consultations[i].caughtUp, aborted(working)]);
    while (await pulse.until(isDue, working)) {
      // Given away between two cycles; what was read of the next one is read again by the next owner.
      if (leaving.aborted && atBoundary) break;
      const recorded = queue.shift()!;
      const { event, natsSubject, sequence } = recorded;
      if (queue.length === QUEUE_LIMIT - 1) pulse.beat();
      atBoundary = false;
      progress.readTo(stage.input.name, queue.length === 0 ? lastRead : sequence - 1);
      const { state, work } = stage.plan(states[i], event);
      states[i] = state;
      const inThePast = saidUntil !== '' && lastEnd < saidUntil;
      const remaining = work === null || inThePast ? null : stage.remaining(work, (id) => writer.hasSaid(id));
      if (remaining !== null) {
        if (!(await pulse.until(() => inHand < MAX_AT_WORK, working))) break;
        const step = workOn(remaining, recorded);
        inFlight.push(step);
        await go(step);
      }
      if (!isClosing(event)) continue;
      for (const closing of closings?.take(natsSubject, event) ?? [event]) {
        atBoundary = true;
        lastEnd = closing.data.end;
        if (lastEnd <= saidUntil) continue;
        closed = forward(closing, closed, inFlight, planned(recorded));
        inFlight = [];
        await go(closed);
      }
    }
    const ends = await Promise.allSettled([closed, ...inFlight]);
    const failed = ends.find((end) => end.status === 'rejected');
    if (broken.signal.aborted) throw broken.signal.reason;
    if (failed !== undefined) throw failed.reason;
  }

  async function hold(i: number, running: AbortSignal): Promise<void> {
    const tenancy = tenancies[i]!;
    const wake = (): void => pulse.beat();
    tenancy.leaving.addEventListener('abort', wake, { once: true });
    try {
      await tenancy.hold(running, async (own) => {
        own.addEventListener('abort', wake, { once: true });
        await publishing(log, tenancy, own, instruments, (publisher) => runPartition(i, own, publisher));
      });
    } finally {
      queues.delete(i);
      tenancy.leaving.removeEventListener('abort', wake);
      pulse.beat();
    }
  }

  await runTogether(log, signal, (running) => {
    running.addEventListener('abort', () => pulse.beat(), { once: true });
    return {
      readers: [
        readInput(first.input, running),
        ...consultations.flatMap((consultation, i) =>
          consultation ? [readConsulted(stages[i]!.consulted!.stream.name, consultation, i, running)] : [],
        ),
      ],
      partitions: stages.map((_, i) => hold(i, running)),
    };
  });
}

/** Stage stamps of the event that caused it travel on, unseen by the stage. */
function withCause(cause: Observations | undefined, obs: Observations | undefined): Observations {
  const timing = { ...(cause?.timing as JsonObject | undefined), ...(obs?.timing as JsonObject | undefined) };
  return { ...obs, timing };
}
