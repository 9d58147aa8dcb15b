import { randomBytes } from 'node:crypto';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { ConfigActivated, control, type Event, namespaceOf, type StreamDefinition } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { createLogger } from '../logger.ts';
import type { LoopMeans } from '../loop.ts';
import { stageInstruments } from '../stage-instruments.ts';

/** Everything the loops need, on a log of its own. */
export interface Bench {
  readonly log: EventLog;
  /** another connection to the same log */
  connect(): Promise<EventLog>;
  /** Appends in order, each to its address. */
  write(stream: StreamDefinition, events: readonly Event[]): Promise<void>;
  /** Ids of a stream in order. */
  ids(stream: StreamDefinition): Promise<string[]>;
  means(signal: AbortSignal, log?: EventLog): LoopMeans;
  /** Resolves when the last event on a subject has this id. */
  until(stream: StreamDefinition, natsSubject: string, id: string): Promise<void>;
  close(): Promise<void>;
}

export async function openBench(url: string, streams: readonly StreamDefinition[]): Promise<Bench> {
  const namespace = namespaceOf(`t${randomBytes(6).toString('hex')}`);
  const logs: EventLog[] = [];
  const connect = async (): Promise<EventLog> => {
    const log = await connectLog({ url, namespace, leaseSeconds: 1 });
    logs.push(log);
    return log;
  };
  const log = await connect();
  await log.ensureStreams([...streams, control]);
  const publisher = log.publisher();
  const write = async (stream: StreamDefinition, events: readonly Event[]): Promise<void> => {
    const addresses = new Map(stream.events.map((definition) => [definition.type, definition.natsSubjectOf]));
    await Promise.all(
      events.map((event) => publisher.append(stream, { event, natsSubject: addresses.get(event.type)!(event.data) })),
    );
  };
  await write(control, [
    ConfigActivated.at('2024-01-01T00:00:00.000000Z', {
      revision: 0,
      config_hash: 'toy',
      pace: 'replay',
      partitions: 1,
      cycle_seconds: 60,
      ensembles: [],
      config: {},
    }),
  ]);
  return {
    log,
    connect,
    write,
    async ids(stream) {
      const { lastSequence } = await log.info(stream);
      const ids: string[] = [];
      if (lastSequence === 0) return ids;
      for await (const batch of log.read(stream, { after: 0 })) {
        ids.push(...batch.events.map(({ event }) => event.id));
        if (batch.lastSequence >= lastSequence) break;
      }
      return ids;
    },
    means: (signal, through = log) => ({
      name: 'toy',
      log: through,
      logger: createLogger('silent'),
      guard: { active: true, untilActive: async () => undefined, stop: () => undefined },
      signal,
      vitals: { state: 'running', detail: '', counts: {} },
      instruments: stageInstruments(new Registry(), 'toy'),
    }),
    async until(stream, natsSubject, id) {
      const deadline = performance.now() + 30_000;
      for (;;) {
        const last = await log.last(stream, natsSubject);
        if (last?.event.id === id) return;
        if (performance.now() > deadline)
          throw new Error(`expected ${id} on ${natsSubject}, last is ${last?.event.id}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async close() {
      await publisher.close();
      await Promise.all(logs.map((each) => each.close()));
    },
  };
}
