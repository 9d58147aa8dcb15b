import { Notifier, readTail } from '@crunch-node/service';
import { type Closing, isClosing, type StreamDefinition } from '@crunch-node/streams';
import { counter, holdPublishing, type LoopContext, partitionLeaseOf, runTogether } from '../loop.ts';
import type { Progress } from '../ownership/progress.ts';
import { readPublishedTails } from '../publish/published-tail.ts';
import { recordBatch } from '../record-batch.ts';
import { keptOf } from '../saved-state/prompt-state.ts';
import { type Resumption, resume } from '../saved-state/resume.ts';
import { type PromptContext, type PromptPartition, QUEUE_LIMIT, runPromptPartition } from './prompt-partition.ts';
import type { PromptStage } from './prompt-stage.ts';
import { type Consultation, consult } from './side-input.ts';

/**
 * Runs partitions of a prompt stage that were taken together, on one shared reader. A partition that is lost or given
 * away ends alone; the rest continues.
 */
export async function runPrompt(stages: readonly PromptStage[], given: LoopContext): Promise<void> {
  const [first] = stages;
  if (first === undefined) return;
  const { log, signal } = given;
  const { partitions, resumption } = await takeUp(stages, first, given);
  const notifier = new Notifier(signal);
  const context: PromptContext = { ...given, notifier, resumption };
  const working = new Set(partitions);

  const hold = async (partition: PromptPartition, running: AbortSignal): Promise<void> => {
    try {
      await holdPublishing(context, partition.lease, notifier, running, (own, publisher) =>
        runPromptPartition(partition, context, own, publisher),
      );
    } finally {
      working.delete(partition);
      notifier.notify();
    }
  };

  await runTogether(log, signal, (running) => {
    running.addEventListener('abort', () => notifier.notify(), { once: true });
    return {
      readers: [
        readFor(working, first.input, context, running),
        ...partitions.flatMap(({ stage: { sideInput }, consultation, lease }) =>
          sideInput && consultation
            ? [readConsulted(sideInput.stream.name, consultation, lease.progress, context, running)]
            : [],
        ),
      ],
      partitions: partitions.map((partition) => hold(partition, running)),
    };
  });
}

/** The last state of each partition: what is published, and its saved state. */
async function takeUp(
  stages: readonly PromptStage[],
  first: PromptStage,
  context: LoopContext,
): Promise<{ readonly partitions: readonly PromptPartition[]; readonly resumption: Resumption }> {
  const { log, signal } = context;
  const tails = await readPublishedTails(log, stages, signal);
  const leases = stages.map((_, i) => partitionLeaseOf(context, i));
  const reading = stages.map((stage) => ({
    ...stage,
    reads: [stage.input, ...(stage.sideInput ? [stage.sideInput.stream] : [])],
  }));
  const resumption = await resume(reading, context, leases, tails);
  const partitions = stages.map((stage, i): PromptPartition => {
    const saved = resumption.saved[i] ?? null;
    const tail = tails[i]!;
    const kept = keptOf(saved);
    const closed = (tail.lastClosing?.event ?? null) as Closing | null;
    return {
      stage,
      lease: leases[i]!,
      tail,
      saved,
      consultation: stage.sideInput && consult(stage.sideInput, closed, signal, kept?.known ?? undefined),
      queue: [],
      readTo: 0,
      state: stage.keeping && kept ? stage.keeping.restore(kept.stage) : stage.initial(),
    };
  });
  const publishedTo = partitions.map(({ saved }) => saved?.closingSequence ?? 0);
  await readTail(log, first.stream, Math.min(...publishedTo), signal, ({ event, natsSubject, sequence }) => {
    const owner = partitions.find(({ stage }) => stage.owns(natsSubject));
    if (owner === undefined || sequence <= (owner.saved?.closingSequence ?? 0) || isClosing(event)) return;
    owner.state = owner.stage.remember(owner.state, event);
  });
  return { partitions, resumption };
}

/** Fills the queues of the partitions still at work. */
async function readFor(
  working: ReadonlySet<PromptPartition>,
  input: StreamDefinition,
  context: PromptContext,
  running: AbortSignal,
): Promise<void> {
  const { log, notifier, resumption, vitals } = context;
  const count = counter(vitals);
  const hasRoom = (): boolean => [...working].every(({ queue }) => queue.length < QUEUE_LIMIT);
  for await (const batch of log.read(input, {
    after: resumption.after(input),
    maxEvents: QUEUE_LIMIT,
    maxWaitMs: 0,
    traces: true,
    signal: running,
  })) {
    const newest = batch.events.findLast(({ event }) => isClosing(event))?.event.at ?? '';
    for (const partition of working) {
      const { queue, saved, lease } = partition;
      const from = saved?.places[input.name]?.sequence ?? 0;
      queue.push(...batch.events.filter(({ sequence }) => sequence > from));
      partition.readTo = batch.lastSequence;
      lease.progress.sawClosing(newest);
      if (queue.length === 0) lease.progress.readTo(input.name, batch.lastSequence);
    }
    count('events', batch.events.length);
    notifier.notify();
    await recordBatch(input.name, batch, context, running);
    if (!(await notifier.until(hasRoom, running))) return;
  }
}

async function readConsulted(
  input: string,
  consultation: Consultation,
  progress: Progress,
  context: LoopContext,
  running: AbortSignal,
): Promise<void> {
  progress.readTo(input, consultation.kept().learnedTo?.sequence ?? 0);
  await consultation.read(context.log, running, (batch) => {
    progress.readTo(input, batch.lastSequence);
    return recordBatch(input, batch, context, running);
  });
}
