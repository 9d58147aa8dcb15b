import type { ReadableLog } from '@crunch-node/eventlog';
import { Notifier, readTail } from '@crunch-node/service';
import { type Closing, isClosing, type StreamDefinition } from '@crunch-node/streams';
import { counter, holdPublishing, type LoopContext, partitionLeaseOf, runTogether } from '../loop.ts';
import { readPublishedTails } from '../publish/published-tail.ts';
import { recordBatch } from '../record-batch.ts';
import { type Resumption, resume } from '../saved-state/resume.ts';
import { CycleBarrier } from './cycle-barrier.ts';
import { type CyclicPartition, runCyclicPartition } from './cyclic-partition.ts';
import type { CyclicStage } from './cyclic-stage.ts';
import { readInput } from './read-input.ts';

/**
 * Runs partitions of a cyclic stage that were taken together. One reader per input stream serves all of them; a stream
 * is read on while some partition lacks its next cycles; a partition far behind gets a reader of its own. A partition
 * that is lost or given away ends alone; the rest continues.
 */
export async function runCyclic(stages: readonly CyclicStage[], context: LoopContext): Promise<void> {
  const { log, signal } = context;
  const notifier = new Notifier(signal);
  const { partitions, resumption } = await takeUp(stages, context, notifier);
  const working = new Set(partitions);
  const count = counter(context.vitals);

  const readFor = (input: StreamDefinition, running: AbortSignal): Promise<void> => {
    const readers = (): CyclicPartition[] => [...working].filter(({ stage }) => stage.inputs.includes(input));
    return readInput(
      {
        log,
        input,
        after: resumption.after(input),
        notifier,
        traces: stages.some(({ traces }) => traces !== undefined),
        barriers: () => readers().map(({ barrier }) => barrier),
        reached(barrier, sequence) {
          const progress = readers().find((partition) => partition.barrier === barrier)?.lease.progress;
          progress?.readTo(input.name, sequence);
          progress?.sawClosing(barrier.newest);
        },
        async read(batch) {
          count('events', batch.events.length);
          await recordBatch(input.name, batch, context, running);
        },
      },
      running,
    );
  };

  const hold = async (partition: CyclicPartition, running: AbortSignal): Promise<void> => {
    try {
      await holdPublishing(context, partition.lease, notifier, running, (own, publisher) =>
        runCyclicPartition(partition, context, resumption, own, publisher),
      );
    } finally {
      working.delete(partition);
      notifier.notify();
    }
  };

  const inputs = new Map(stages.flatMap((stage) => stage.inputs.map((input) => [input.name, input] as const)));
  await runTogether(log, signal, (running) => {
    running.addEventListener('abort', () => notifier.notify(), { once: true });
    return {
      readers: [...inputs.values()].map((input) => readFor(input, running)),
      partitions: partitions.map((partition) => hold(partition, running)),
    };
  });
}

/** The last state of each partition: what is published, and its saved state. */
async function takeUp(
  stages: readonly CyclicStage[],
  context: LoopContext,
  notifier: Notifier,
): Promise<{ readonly partitions: readonly CyclicPartition[]; readonly resumption: Resumption }> {
  const { log, signal } = context;
  const tails = await readPublishedTails(log, stages, signal);
  const leases = stages.map((_, i) => partitionLeaseOf(context, i));
  const reading = stages.map((stage) => ({ ...stage, reads: stage.inputs }));
  const resumption = await resume(reading, context, leases, tails);
  const { saved } = resumption;
  const past = await pastClosings(log, stages, Math.min(...saved.map((state) => state?.closingSequence ?? 0)), signal);
  const partitions = stages.map((stage, i): CyclicPartition => {
    const barrier = new CycleBarrier(stage.sources, stage.inputs, notifier, undefined, stage.traces?.of);
    const begins = saved[i] ?? null;
    if (begins !== null) barrier.beginAfter(begins.cycle_end, begins.places);
    return { stage, lease: leases[i]!, barrier, tail: tails[i]!, saved: begins, past: past[i]! };
  });
  return { partitions, resumption };
}

/** Closings by end of cycle, for stages that need each of them. @param after sequence to begin at */
async function pastClosings(
  log: ReadableLog,
  stages: readonly CyclicStage[],
  after: number,
  signal: AbortSignal,
): Promise<readonly ReadonlyMap<string, Closing>[]> {
  const past = stages.map(() => new Map<string, Closing>());
  const [first] = stages;
  if (first === undefined || !stages.some(({ adopts }) => adopts === 'every')) return past;
  await readTail(log, first.stream, after, signal, ({ event, natsSubject }) => {
    const owner = stages.findIndex(
      ({ closingSubject, adopts }) => adopts === 'every' && closingSubject === natsSubject,
    );
    if (owner >= 0 && isClosing(event)) past[owner]!.set(event.data.end, event);
  });
  return past;
}
