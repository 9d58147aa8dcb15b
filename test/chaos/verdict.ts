import type { CrunchConfig } from '@crunch-node/domain';
import { until } from '@crunch-node/embedded/testing';
import type { EventLog, HeldLease } from '@crunch-node/eventlog';
import { projectionLag } from '@crunch-node/operations/projection-lag';
import { isProven, recomputeLog } from '@crunch-node/operations/recompute';
import type { ReadModel } from '@crunch-node/projections';
import { allStreams, type Namespace, type StreamDefinition } from '@crunch-node/streams';
import { digestsOf } from '../support/pipeline.ts';
import { closingsOf } from './standings.ts';
import type { Surroundings, Undisturbed } from './surroundings.ts';

export interface Judged {
  readonly log: EventLog;
  readonly readModel: ReadModel;
  readonly namespace: Namespace;
  readonly surroundings: Surroundings;
  readonly expected: Undisturbed;
}

/** What is wrong with a run that is over; nothing, when everything is as it should be. */
export async function faultsOf({ log, readModel, namespace, surroundings, expected }: Judged): Promise<string[]> {
  const { nats, postgres, loaded } = surroundings;
  const faults = await pendingFaults(log, readModel, loaded.config, expected.end);
  for (const stream of allStreams) faults.push(...(await publishedTwiceOrLate(log, stream)));
  const digests = await digestsOf(nats.server.url, postgres.url, namespace);
  for (const kind of ['streams', 'tables'] as const) {
    for (const name of Object.keys({ ...expected.digests[kind], ...digests[kind] })) {
      const [is, should] = [digests[kind][name], expected.digests[kind][name]];
      if (is !== should) faults.push(`digest of ${name} (${kind}): expected ${should}, received ${is}`);
    }
  }
  const comparisons = await recomputeLog(log, {
    config: loaded.config,
    from: 'feeds',
    pace: 'replay',
    signal: new AbortController().signal,
  });
  if (!isProven(comparisons)) faults.push(`recompute: ${JSON.stringify(comparisons).slice(0, 2_000)}`);
  return faults;
}

async function pendingFaults(
  log: EventLog,
  readModel: ReadModel,
  config: CrunchConfig,
  end: string,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [, stream, address] of closingsOf(config)) {
    const at = (await log.last(stream, address))?.event.at;
    if (at !== end) faults.push(`pending: ${address} is closed to ${at}, expected ${end}`);
  }
  for (const { projection, lag } of await projectionLag(log, readModel))
    if (lag > 0) faults.push(`pending: projection ${projection} is ${lag} messages behind`);
  for (const { name, owner } of await heldForLong(log)) faults.push(`lease ${name} of ${owner} does not end`);
  return faults;
}

/** Leases given back or run out: a process that stops while the server is away cannot give them back. */
async function heldForLong(log: EventLog): Promise<readonly HeldLease[]> {
  let held: readonly HeldLease[] = [];
  const end = performance.now() + 10_000;
  const areOver = async (): Promise<boolean> => {
    held = await log.heldLeases();
    return held.length === 0 || performance.now() > end;
  };
  await until('no lease', areOver, { everyMs: 100 });
  return held;
}

/** One writer of a stream, by subject: predictions and scores have one per partition. */
const writerOf = (stream: StreamDefinition, natsSubject: string): string =>
  stream.name === 'PREDICTIONS' || stream.name === 'SCORES' ? natsSubject.split('.', 2).join('.') : stream.name;

async function publishedTwiceOrLate(log: EventLog, stream: StreamDefinition): Promise<string[]> {
  const faults: string[] = [];
  const { lastSequence } = await log.info(stream);
  if (lastSequence === 0) return faults;
  const ids = new Set<string>();
  const closedTo = new Map<string, string>();
  for await (const batch of log.read(stream, { after: 0, maxEvents: 5_000 })) {
    if (batch.malformed.length + batch.unknown > 0) faults.push(`${stream.name} holds unreadable messages`);
    for (const { event, natsSubject, sequence } of batch.events) {
      const writer = writerOf(stream, natsSubject);
      const reported = `${stream.name} ${sequence} ${event.id}`;
      if (ids.has(event.id)) faults.push(`published twice: ${reported}`);
      ids.add(event.id);
      if (event.at <= (closedTo.get(writer) ?? '')) faults.push(`published after its closing: ${reported}`);
      if (event.type === 'CycleClosed') closedTo.set(writer, event.at);
    }
    if (batch.lastSequence >= lastSequence) break;
  }
  return faults;
}
