import { crashPoint, type Publisher, type Recorded } from '@crunch-node/eventlog';
import { aborted, continueTrace, type Notifier, traceIdOf } from '@crunch-node/service';
import type { Closing, JsonObject, Observations } from '@crunch-node/streams';
import { counter, type LoopContext } from '../loop.ts';
import type { PartitionLease } from '../ownership/partition-lease.ts';
import type { PublishedTail } from '../publish/published-tail.ts';
import { Writer } from '../publish/writer.ts';
import { beginState, keptOf } from '../saved-state/prompt-state.ts';
import type { Resumption } from '../saved-state/resume.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import { Closings } from './closings.ts';
import { InFlight } from './in-flight.ts';
import { noKnowledge } from './knowledge.ts';
import type { PromptStage } from './prompt-stage.ts';
import type { Consultation } from './side-input.ts';
import { completedBy, planned, remembering } from './step.ts';

/** Events a partition may lag behind the reader; bounds memory when one partition is slow. */
export const QUEUE_LIMIT = 1_000;

/** A partition of a prompt stage, with what is known of it when it is taken. */
export interface PromptPartition {
  readonly stage: PromptStage;
  readonly lease: PartitionLease;
  readonly tail: PublishedTail;
  /** null: it begins with the first event */
  readonly saved: SavedState | null;
  readonly consultation: Consultation | undefined;
  /** read and not processed yet */
  readonly queue: Recorded[];
  /** last sequence that was read into the queue */
  readTo: number;
  state: unknown;
}

export interface PromptContext extends LoopContext {
  readonly notifier: Notifier;
  readonly resumption: Resumption;
}

/** Processes one event after the other until the partition is given away or lost. */
export async function runPromptPartition(
  partition: PromptPartition,
  context: PromptContext,
  own: AbortSignal,
  publisher: Publisher,
): Promise<void> {
  const { stage, lease, tail, queue, saved, consultation } = partition;
  const { progress, handover } = lease;
  const { notifier, resumption, log, guard, vitals, instruments } = context;
  const count = counter(vitals);
  const writer = new Writer(log, publisher, stage.stream, tail);
  const closings = stage.sources && new Closings(stage.sources, keptOf(saved)?.closings ?? {});
  const saver = stage.keeping && context.states?.saver(lease.partition, own);
  const saving = saver && { stage, closings, consultation, saver, resumption };
  const publishedUntil = (tail.lastClosing?.event as Closing | undefined)?.data.end ?? '';
  const works = new InFlight(own, { notifier, sequential: stage.sequential, moved: () => progress.moved() });
  /** work of the open cycle */
  let inFlight: Promise<void>[] = [];
  /** settles when every closing so far is published: work of the next cycle may begin before, but not be published */
  let closed: Promise<void> = Promise.resolve();
  /** settles when everything so far is published: at replay pace what is in the log is all work up to some event */
  let published: Promise<void> = closed;
  let lastEnd: string = saved?.cycle_end ?? '';
  /** no event of the open cycle was processed yet */
  let atBoundary = true;
  progress.countPending(() => queue.length + works.count);
  if (publishedUntil !== '') progress.close(publishedUntil);

  async function forward(closing: Closing, cause: Recorded): Promise<void> {
    const before = [closed, ...inFlight];
    const saveState = saving && beginState(saving, partition.state, cause);
    // Taken one after another, events of the next cycle may be remembered before this closing is published.
    const state = stage.sequential ? partition.state : null;
    await Promise.all(before);
    await guard.untilActive(works.signal);
    const ownClosing = stage.closing(closing.data);
    const sequence = await writer.close(ownClosing);
    consultation?.forget(closing);
    // Before anything of the next cycle is published, which waits for this closing.
    saveState?.(ownClosing, sequence, state ?? partition.state);
    progress.close(closing.data.end);
    instruments.cycleClosed(lease.partition);
    count('cycles', 1);
  }

  const isDue = (): boolean => queue.length > 0 || (handover.aborted && atBoundary);
  if (consultation) await Promise.race([consultation.caughtUp, aborted(works.signal)]);
  while (await notifier.until(isDue, works.signal)) {
    // Given away between two cycles; what was read of the next one is read again by the next owner.
    if (handover.aborted && atBoundary) break;
    const recorded = queue.shift()!;
    const { event, natsSubject, sequence } = recorded;
    if (queue.length === QUEUE_LIMIT - 1) notifier.notify();
    atBoundary = false;
    progress.readTo(stage.input.name, queue.length === 0 ? partition.readTo : sequence - 1);
    const inThePast = publishedUntil !== '' && lastEnd < publishedUntil;
    const isPublished = (id: string): boolean => writer.isPublished(id);
    const { state, work } = planned(stage, partition.state, event, inThePast ? 'all' : isPublished);
    partition.state = state;
    if (work !== null) {
      if (!(await notifier.until(() => works.hasRoom, works.signal))) break;
      const asked = askAndRecord({ work, cause: recorded }, partition, context, works);
      const after = stage.sequential ? published : closed;
      published = publishRecorded({ asked, cause: recorded, after }, partition, context, writer);
      inFlight.push(published);
      works.begin(published);
      if (stage.sequential) await asked;
    }
    for (const closing of completedBy(closings, natsSubject, event)) {
      atBoundary = true;
      lastEnd = closing.data.end;
      if (lastEnd <= publishedUntil) continue;
      closed = forward(closing, recorded);
      published = closed;
      inFlight = [];
      works.begin(closed);
    }
  }
  await works.finish([closed, ...inFlight]);
}

type Results = ReturnType<PromptStage['record']>;

interface Asking {
  readonly work: unknown;
  readonly cause: Recorded;
}

/** The events of one input, not published yet. */
async function askAndRecord(
  { work, cause }: Asking,
  partition: PromptPartition,
  { logger }: PromptContext,
  { signal }: InFlight,
): Promise<Results> {
  const { stage, lease, consultation } = partition;
  const caused = { partition: lease.partition, trace_id: traceIdOf(cause.traceparent) };
  logger.debug({ ...caused, event_id: cause.event.id }, 'calling models');
  const answers = await stage.ask(work, partition.state, signal, consultation ?? noKnowledge);
  crashPoint('models-asked');
  // Work that is cancelled by a stop leaves its cycle open: the next owner does it.
  signal.throwIfAborted();
  const results = stage.record(work, answers);
  if (stage.sequential) partition.state = remembering(stage, partition.state, results);
  return results;
}

interface Publication {
  readonly asked: Promise<Results>;
  readonly cause: Recorded;
  /** what has to be published first */
  readonly after: Promise<void>;
}

async function publishRecorded(
  { asked, cause, after }: Publication,
  partition: PromptPartition,
  { logger, vitals, instruments }: PromptContext,
  writer: Writer,
): Promise<void> {
  const { stage, lease } = partition;
  const [results] = await Promise.all([asked, after]);
  const begunAt = performance.now();
  await Promise.all(
    results.map(async ({ event, obs }) => {
      const traceparent = continueTrace(cause.traceparent, event.id);
      await writer.publish(event, {
        obs: withCause(cause.obs, obs),
        ...(traceparent !== undefined && { traceparent }),
      });
      const failures = stage.failures?.(event, obs) ?? null;
      const about = { partition: lease.partition, trace_id: traceIdOf(cause.traceparent), event_id: event.id };
      if (failures !== null)
        logger.info({ ...about, caused_by: cause.event.id, ...failures }, 'event published with failures');
      else logger.debug({ ...about, caused_by: cause.event.id }, 'event published');
    }),
  );
  instruments.committed((performance.now() - begunAt) / 1000);
  if (!stage.sequential) partition.state = remembering(stage, partition.state, results);
  counter(vitals)('published', results.length);
}

/** Stage stamps of the causing event are passed on, invisible to the stage. */
function withCause(cause: Observations | undefined, obs: Observations | undefined): Observations {
  const timing = { ...(cause?.timing as JsonObject | undefined), ...(obs?.timing as JsonObject | undefined) };
  return { ...obs, timing };
}
