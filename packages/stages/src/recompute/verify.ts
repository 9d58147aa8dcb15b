import type { LogLookup, LogReader } from '@crunch-node/eventlog';
import { Notifier } from '@crunch-node/service';
import type { Closing, Event, StreamDefinition } from '@crunch-node/streams';
import { CycleBarrier } from '../cyclic/cycle-barrier.ts';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import { step } from '../cyclic/step.ts';
import { type Difference, differencesOf, RecordedCycles, SHOWN, type Verdict } from './recorded-cycles.ts';

/**
 * Recomputes a stage from its recorded inputs with the functions of live operation, publishing nothing, and compares
 * the result with what is recorded, closing by closing. When every stream equals its recomputation, the whole log
 * follows from FEEDS and PREDICTIONS.
 *
 * @param stages all partitions of one stage
 */
export async function verifyCyclic(
  stages: readonly CyclicStage[],
  log: LogReader & LogLookup,
  signal: AbortSignal,
): Promise<Verdict> {
  const [first] = stages;
  if (first === undefined) throw new RangeError('expected at least one partition to verify, received none');
  const done = new AbortController();
  const running = AbortSignal.any([signal, done.signal]);
  const notifier = new Notifier(running);
  const inputs = stages.map((stage) => new CycleBarrier(stage.sources, stage.inputs, notifier));
  const outputs = stages.map(() => new RecordedCycles());
  const verdict = { stream: first.stream.name, cycles: 0, events: 0, differences: 0, first: [] as Difference[] };

  async function read(
    stream: StreamDefinition,
    hungry: () => boolean,
    take: (natsSubject: string, event: Event) => void,
  ) {
    const { lastSequence } = await log.info(stream);
    if (lastSequence === 0) return;
    for await (const batch of log.read(stream, { after: 0, maxEvents: 5_000, maxWaitMs: 0, signal: running })) {
      for (const { event, natsSubject } of batch.events) take(natsSubject, event);
      notifier.notify();
      if (batch.lastSequence >= lastSequence) return;
      if (!(await notifier.until(hungry, running))) return;
    }
  }

  async function compare(i: number, lastEnd: string): Promise<void> {
    const stage = stages[i]!;
    let state = stage.initial();
    for (;;) {
      const closed = await inputs[i]!.next(running);
      if (closed === null) return;
      const stepped = step(stage, state, closed);
      state = stepped.state;
      if (!(await notifier.until(() => outputs[i]!.next !== undefined, running))) return;
      const recorded = outputs[i]!.shift();
      notifier.notify();
      verdict.cycles++;
      verdict.events += recorded.length;
      for (const difference of differencesOf(closed.cycle.end, stepped.events, recorded)) {
        verdict.differences++;
        if (verdict.first.length < SHOWN) verdict.first.push(difference);
      }
      if (closed.cycle.end >= lastEnd) return;
    }
  }

  const closings = await Promise.all(stages.map((stage) => log.last(stage.stream, stage.closingSubject)));
  const streams = [...new Map(stages.flatMap(({ inputs: ins }) => ins.map((s) => [s.name, s] as const))).values()];
  const readers = [
    ...streams.map((stream) =>
      read(
        stream,
        () => inputs.some((barrier) => barrier.isHungryFor(stream)),
        (natsSubject, event) => {
          for (const barrier of inputs) barrier.take(stream, natsSubject, event);
        },
      ),
    ),
    read(
      first.stream,
      () => outputs.some(({ next }) => next === undefined),
      (natsSubject, event) => {
        const i = stages.findIndex((stage) => stage.owns(natsSubject));
        if (!stages[i]?.answersCommand?.(event)) outputs[i]?.take(event);
      },
    ),
  ];
  const compared = closings.map((closing, i) =>
    closing === null ? undefined : compare(i, (closing.event as Closing).data.end),
  );
  // A reader that ends has no more events; one that fails ends everything.
  const broken = new Promise<never>((_, reject) => {
    for (const reader of readers) reader.catch(reject);
  });
  try {
    await Promise.race([Promise.all(compared), broken]);
  } finally {
    done.abort();
    await Promise.allSettled(readers);
  }
  signal.throwIfAborted();
  return verdict;
}
