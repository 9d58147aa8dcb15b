import { Pulse, readTail } from '@crunch-node/service';
import { type Closing, isClosing, type StreamDefinition } from '@crunch-node/streams';
import { account } from '../account.ts';
import { counter, holdPublishing, type LoopMeans, runTogether, tenancyOf } from '../loop.ts';
import type { Progress } from '../ownership/progress.ts';
import { readOutboxes } from '../publish/outbox.ts';
import { keptOf } from '../saved-state/prompt-state.ts';
import { type Resumption, resume } from '../saved-state/resume.ts';
import { type Consultation, consult } from './consulted.ts';
import { type PromptMeans, type PromptPartition, QUEUE_LIMIT, runPromptPartition } from './prompt-partition.ts';
import type { PromptStage } from './prompt-stage.ts';

/**
 * Runs partitions of a prompt stage that were taken together, on one shared reader. A partition that is lost or given
 * away ends alone; the rest goes on.
 */
export async function runPrompt(stages: readonly PromptStage[], given: LoopMeans): Promise<void> {
  const [first] = stages;
  if (first === undefined) return;
  const { log, signal } = given;
  const { partitions, resumption } = await takeUp(stages, first, given);
  const pulse = new Pulse(signal);
  const means: PromptMeans = { ...given, pulse, resumption };
  const working = new Set(partitions);

  const hold = async (partition: PromptPartition, running: AbortSignal): Promise<void> => {
    try {
      await holdPublishing(means, partition.tenancy, pulse, running, (own, publisher) =>
        runPromptPartition(partition, means, own, publisher),
      );
    } finally {
      working.delete(partition);
      pulse.beat();
    }
  };

  await runTogether(log, signal, (running) => {
    running.addEventListener('abort', () => pulse.beat(), { once: true });
    return {
      readers: [
        readFor(working, first.input, means, running),
        ...partitions.flatMap(({ stage: { consulted }, consultation, tenancy }) =>
          consulted && consultation
            ? [readConsulted(consulted.stream.name, consultation, tenancy.progress, means, running)]
            : [],
        ),
      ],
      partitions: partitions.map((partition) => hold(partition, running)),
    };
  });
}

/** Where each partition was left: what it has said, and what is remembered of it. */
async function takeUp(
  stages: readonly PromptStage[],
  first: PromptStage,
  means: LoopMeans,
): Promise<{ readonly partitions: readonly PromptPartition[]; readonly resumption: Resumption }> {
  const { log, signal } = means;
  const outboxes = await readOutboxes(log, stages, signal);
  const tenancies = stages.map((_, i) => tenancyOf(means, i));
  const reading = stages.map((stage) => ({
    ...stage,
    reads: [stage.input, ...(stage.consulted ? [stage.consulted.stream] : [])],
  }));
  const resumption = await resume(reading, means, tenancies, outboxes);
  const partitions = stages.map((stage, i): PromptPartition => {
    const saved = resumption.saved[i] ?? null;
    const outbox = outboxes[i]!;
    const kept = keptOf(saved);
    const closed = (outbox.lastClosing?.event ?? null) as Closing | null;
    return {
      stage,
      tenancy: tenancies[i]!,
      outbox,
      saved,
      consultation: stage.consulted && consult(stage.consulted, closed, signal, kept?.known ?? undefined),
      queue: [],
      readTo: 0,
      state: stage.keeping && kept ? stage.keeping.restore(kept.stage) : stage.initial(),
    };
  });
  const saidTo = partitions.map(({ saved }) => saved?.said ?? 0);
  await readTail(log, first.stream, Math.min(...saidTo), signal, ({ event, natsSubject, sequence }) => {
    const owner = partitions.find(({ stage }) => stage.owns(natsSubject));
    if (owner === undefined || sequence <= (owner.saved?.said ?? 0) || isClosing(event)) return;
    owner.state = owner.stage.remember(owner.state, event);
  });
  return { partitions, resumption };
}

/** Fills the queues of the partitions that still work. */
async function readFor(
  working: ReadonlySet<PromptPartition>,
  input: StreamDefinition,
  means: PromptMeans,
  running: AbortSignal,
): Promise<void> {
  const { log, pulse, resumption, vitals } = means;
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
      const { queue, saved, tenancy } = partition;
      const from = saved?.places[input.name]?.sequence ?? 0;
      queue.push(...batch.events.filter(({ sequence }) => sequence > from));
      partition.readTo = batch.lastSequence;
      tenancy.progress.sawClosing(newest);
      if (queue.length === 0) tenancy.progress.readTo(input.name, batch.lastSequence);
    }
    count('events', batch.events.length);
    pulse.beat();
    await account(input.name, batch, means, running);
    if (!(await pulse.until(hasRoom, running))) return;
  }
}

async function readConsulted(
  input: string,
  consultation: Consultation,
  progress: Progress,
  means: LoopMeans,
  running: AbortSignal,
): Promise<void> {
  progress.readTo(input, consultation.kept().learnedTo?.sequence ?? 0);
  await consultation.read(means.log, running, (batch) => {
    progress.readTo(input, batch.lastSequence);
    return account(input, batch, means, running);
  });
}
