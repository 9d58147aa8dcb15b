import type { EventLog } from '@crunch-node/eventlog';
import { Pulse, readTail } from '@crunch-node/service';
import { type Closing, isClosing, type StreamDefinition } from '@crunch-node/streams';
import { account } from '../account.ts';
import { counter, holdPublishing, type LoopMeans, runTogether, tenancyOf } from '../loop.ts';
import { readOutboxes } from '../publish/outbox.ts';
import { type Resumption, resume } from '../saved-state/resume.ts';
import { type CyclicPartition, runCyclicPartition } from './cyclic-partition.ts';
import type { CyclicStage } from './cyclic-stage.ts';
import { Inbox } from './inbox.ts';
import { readInput } from './read-input.ts';

/**
 * Runs partitions of a cyclic stage that were taken together. One reader per input stream serves all of them; a stream
 * is read on while some partition lacks its next cycles; one that lags far behind the others is read for apart. A
 * partition that is lost or given away ends alone; the rest goes on.
 */
export async function runCyclic(stages: readonly CyclicStage[], means: LoopMeans): Promise<void> {
  const { log, signal } = means;
  const pulse = new Pulse(signal);
  const { partitions, resumption } = await takeUp(stages, means, pulse);
  const working = new Set(partitions);
  const count = counter(means.vitals);

  const readFor = (input: StreamDefinition, running: AbortSignal): Promise<void> => {
    const readers = (): CyclicPartition[] => [...working].filter(({ stage }) => stage.inputs.includes(input));
    return readInput(
      {
        log,
        input,
        after: resumption.after(input),
        pulse,
        traces: stages.some(({ traces }) => traces !== undefined),
        inboxes: () => readers().map(({ inbox }) => inbox),
        reached(inbox, sequence) {
          const progress = readers().find((partition) => partition.inbox === inbox)?.tenancy.progress;
          progress?.readTo(input.name, sequence);
          progress?.sawClosing(inbox.newest);
        },
        async read(batch) {
          count('events', batch.events.length);
          await account(input.name, batch, means, running);
        },
      },
      running,
    );
  };

  const hold = async (partition: CyclicPartition, running: AbortSignal): Promise<void> => {
    try {
      await holdPublishing(means, partition.tenancy, pulse, running, (own, publisher) =>
        runCyclicPartition(partition, means, resumption, own, publisher),
      );
    } finally {
      working.delete(partition);
      pulse.beat();
    }
  };

  const inputs = new Map(stages.flatMap((stage) => stage.inputs.map((input) => [input.name, input] as const)));
  await runTogether(log, signal, (running) => {
    running.addEventListener('abort', () => pulse.beat(), { once: true });
    return {
      readers: [...inputs.values()].map((input) => readFor(input, running)),
      partitions: partitions.map((partition) => hold(partition, running)),
    };
  });
}

/** Where each partition was left: what it has said, and what is remembered of it. */
async function takeUp(
  stages: readonly CyclicStage[],
  means: LoopMeans,
  pulse: Pulse,
): Promise<{ readonly partitions: readonly CyclicPartition[]; readonly resumption: Resumption }> {
  const { log, signal } = means;
  const outboxes = await readOutboxes(log, stages, signal);
  const tenancies = stages.map((_, i) => tenancyOf(means, i));
  const reading = stages.map((stage) => ({ ...stage, reads: stage.inputs }));
  const resumption = await resume(reading, means, tenancies, outboxes);
  const { saved } = resumption;
  const past = await pastClosings(log, stages, Math.min(...saved.map((state) => state?.said ?? 0)), signal);
  const partitions = stages.map((stage, i): CyclicPartition => {
    const inbox = new Inbox(stage.sources, stage.inputs, pulse, undefined, stage.traces?.of);
    const begins = saved[i] ?? null;
    if (begins !== null) inbox.beginAfter(begins.cycle_end, begins.places);
    return { stage, tenancy: tenancies[i]!, inbox, outbox: outboxes[i]!, saved: begins, past: past[i]! };
  });
  return { partitions, resumption };
}

/** Closings by end of cycle, of the stages that want to be told of every one. @param after sequence to begin at */
async function pastClosings(
  log: EventLog,
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
