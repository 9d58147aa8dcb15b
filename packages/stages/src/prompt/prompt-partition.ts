import { crashPoint, type Publisher, type Recorded } from '@crunch-node/eventlog';
import { aborted, continueTrace, type Pulse, traceIdOf } from '@crunch-node/service';
import { type Closing, isClosing, type JsonObject, type Observations } from '@crunch-node/streams';
import { counter, type LoopMeans } from '../loop.ts';
import type { Tenancy } from '../ownership/tenancy.ts';
import type { Outbox } from '../publish/outbox.ts';
import { Writer } from '../publish/writer.ts';
import { beginState, keptOf } from '../saved-state/prompt-state.ts';
import type { Resumption } from '../saved-state/resume.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import { AtWork } from './at-work.ts';
import { Closings } from './closings.ts';
import { type Consultation, noKnowledge } from './consulted.ts';
import type { PromptStage } from './prompt-stage.ts';

/** Events a partition may lag behind the reader; bounds memory when one partition is slow. */
export const QUEUE_LIMIT = 1_000;

/** A partition of a prompt stage, with what is known of it when it is taken. */
export interface PromptPartition {
  readonly stage: PromptStage;
  readonly tenancy: Tenancy;
  readonly outbox: Outbox;
  /** null: it begins with the first event */
  readonly saved: SavedState | null;
  readonly consultation: Consultation | undefined;
  /** read and not looked at yet */
  readonly queue: Recorded[];
  /** sequence up to which was read what is in the queue */
  readTo: number;
  state: unknown;
}

export interface PromptMeans extends LoopMeans {
  readonly pulse: Pulse;
  readonly resumption: Resumption;
}

/** Looks at one event after the other until the partition is given away or taken. */
export async function runPromptPartition(
  partition: PromptPartition,
  means: PromptMeans,
  own: AbortSignal,
  publisher: Publisher,
): Promise<void> {
  const { stage, tenancy, outbox, queue, saved, consultation } = partition;
  const { progress, leaving } = tenancy;
  const { pulse, resumption, log, guard, vitals, instruments } = means;
  const count = counter(vitals);
  const writer = new Writer(log, publisher, stage.stream, outbox);
  const closings = stage.sources && new Closings(stage.sources, keptOf(saved)?.closings ?? {});
  const saver = stage.keeping && means.states?.saver(tenancy.partition, own);
  const saving = saver && { stage, closings, consultation, saver, resumption };
  const saidUntil = (outbox.lastClosing?.event as Closing | undefined)?.data.end ?? '';
  const atWork = new AtWork(own, { pulse, sequential: stage.sequential, moved: () => progress.moved() });
  /** work of the open cycle */
  let inFlight: Promise<void>[] = [];
  /** settles when every closing so far is out: what belongs to the next cycle may be asked before, not said */
  let closed: Promise<void> = Promise.resolve();
  let lastEnd: string = saved?.cycle_end ?? '';
  /** nothing of the cycle that is open was looked at yet */
  let atBoundary = true;
  progress.countPending(() => queue.length + atWork.count);
  if (saidUntil !== '') progress.close(saidUntil);

  async function forward(closing: Closing, cause: Recorded): Promise<void> {
    const before = [closed, ...inFlight];
    const saveState = saving && beginState(saving, partition.state, cause);
    await Promise.all(before);
    await guard.untilActive(atWork.signal);
    const ownClosing = stage.closing(closing.data);
    const said = await writer.close(ownClosing);
    consultation?.forget(closing);
    // Before anything of the next cycle is said: that waits for this closing.
    saveState?.(ownClosing, said, partition.state);
    progress.close(closing.data.end);
    instruments.cycleClosed(tenancy.partition);
    count('cycles', 1);
  }

  const isDue = (): boolean => queue.length > 0 || (leaving.aborted && atBoundary);
  if (consultation) await Promise.race([consultation.caughtUp, aborted(atWork.signal)]);
  while (await pulse.until(isDue, atWork.signal)) {
    // Given away between two cycles; what was read of the next one is read again by the next owner.
    if (leaving.aborted && atBoundary) break;
    const recorded = queue.shift()!;
    const { event, natsSubject, sequence } = recorded;
    if (queue.length === QUEUE_LIMIT - 1) pulse.beat();
    atBoundary = false;
    progress.readTo(stage.input.name, queue.length === 0 ? partition.readTo : sequence - 1);
    const { state, work } = stage.plan(partition.state, event);
    partition.state = state;
    const inThePast = saidUntil !== '' && lastEnd < saidUntil;
    const remaining = work === null || inThePast ? null : stage.remaining(work, (id) => writer.hasSaid(id));
    if (remaining !== null) {
      if (!(await pulse.until(() => atWork.hasRoom, atWork.signal))) break;
      const step = askAndSay({ work: remaining, cause: recorded, after: closed }, partition, means, writer, atWork);
      inFlight.push(step);
      await atWork.begin(step);
    }
    if (!isClosing(event)) continue;
    for (const closing of closings?.take(natsSubject, event) ?? [event]) {
      atBoundary = true;
      lastEnd = closing.data.end;
      if (lastEnd <= saidUntil) continue;
      closed = forward(closing, recorded);
      inFlight = [];
      await atWork.begin(closed);
    }
  }
  await atWork.finish([closed, ...inFlight]);
}

interface Step {
  readonly work: unknown;
  readonly cause: Recorded;
  /** what has to be out before anything is said: the closings before it */
  readonly after: Promise<void>;
}

async function askAndSay(
  { work, cause, after }: Step,
  partition: PromptPartition,
  { logger, vitals, instruments }: PromptMeans,
  writer: Writer,
  { signal }: AtWork,
): Promise<void> {
  const { stage, tenancy, consultation } = partition;
  const caused = { partition: tenancy.partition, trace_id: traceIdOf(cause.traceparent) };
  logger.debug({ ...caused, event_id: cause.event.id }, 'calling models');
  const answers = await stage.ask(work, partition.state, signal, consultation ?? noKnowledge);
  crashPoint('models-asked');
  // Work given up because we are stopping leaves its cycle open: the next owner does it.
  signal.throwIfAborted();
  const said = stage.record(work, answers);
  await after;
  const begunAt = performance.now();
  await Promise.all(
    said.map(async ({ event, obs }) => {
      const traceparent = continueTrace(cause.traceparent, event.id);
      await writer.say(event, { obs: withCause(cause.obs, obs), ...(traceparent !== undefined && { traceparent }) });
      const failures = stage.failures?.(event, obs) ?? null;
      const about = { ...caused, event_id: event.id, caused_by: cause.event.id };
      if (failures !== null) logger.info({ ...about, ...failures }, 'event published with failures');
      else logger.debug(about, 'event published');
    }),
  );
  instruments.committed((performance.now() - begunAt) / 1000);
  for (const { event } of said) partition.state = stage.remember(partition.state, event);
  counter(vitals)('said', said.length);
}

/** Stage stamps of the event that caused it travel on, unseen by the stage. */
function withCause(cause: Observations | undefined, obs: Observations | undefined): Observations {
  const timing = { ...(cause?.timing as JsonObject | undefined), ...(obs?.timing as JsonObject | undefined) };
  return { ...obs, timing };
}
