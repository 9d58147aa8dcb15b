import { until } from '@crunch-node/embedded/testing';
import type { EventLog } from '@crunch-node/eventlog';
import { createLogger, eventsIn } from '@crunch-node/service';
import { type OwnLog, openOwnLog } from '@crunch-node/service/testing';
import type { StreamDefinition } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import type { LoopContext } from '../loop.ts';
import { stageInstruments } from '../stage-instruments.ts';

/** Dependencies of the loops, on a log of its own. */
export interface Bench extends OwnLog {
  /** Ids of a stream in order. */
  ids(stream: StreamDefinition): Promise<string[]>;
  context(signal: AbortSignal, log?: EventLog): LoopContext;
  /** Resolves when the last event on a subject has this id. */
  untilLast(stream: StreamDefinition, natsSubject: string, id: string): Promise<void>;
}

export async function openBench(url: string, streams: readonly StreamDefinition[]): Promise<Bench> {
  const own = await openOwnLog({ url, streams, active: { config_hash: 'toy' } });
  const { log } = own;
  return {
    ...own,
    ids: async (stream) => (await eventsIn(log, stream)).map(({ id }) => id),
    context: (signal, through = log) => ({
      name: 'toy',
      log: through,
      logger: createLogger('silent'),
      guard: { active: true, untilActive: async () => undefined, stop: () => undefined },
      signal,
      vitals: { state: 'running', detail: '', counts: {} },
      instruments: stageInstruments(new Registry(), 'toy'),
    }),
    async untilLast(stream, natsSubject, id) {
      let last: string | undefined;
      const isPublished = async (): Promise<boolean> => {
        last = (await log.last(stream, natsSubject))?.event.id;
        return last === id;
      };
      await until(`${id} on ${natsSubject}`, isPublished, { seen: () => last });
    },
  };
}

export async function onBench(
  url: string,
  streams: readonly StreamDefinition[],
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = await openBench(url, streams);
  try {
    await work(bench);
  } finally {
    await bench.close();
  }
}
