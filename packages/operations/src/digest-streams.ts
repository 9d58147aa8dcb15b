import { createHash } from 'node:crypto';
import { canonicalJson } from '@crunch-node/domain';
import type { ReadableLog } from '@crunch-node/eventlog';
import { readToEnd } from '@crunch-node/service';
import { allStreams, byCodePoint, type StreamDefinition } from '@crunch-node/streams';

export interface StreamDigest {
  readonly stream: string;
  readonly events: number;
  /** SHA-256 over the events by id, each without what was measured with it */
  readonly digest: string;
  /** messages this code cannot read; no part of the digest */
  readonly unreadable: number;
  /** false: it holds wall-clock facts, which differ between runs that say the same */
  readonly compared: boolean;
}

/** When a model joined, a configuration was activated, a message refused or a past fetched is a fact of one machine's day. */
const wallClock: ReadonlySet<string> = new Set(['MODELS', 'CONTROL', 'DEADLETTERS', 'BACKFILLS']);

/** Two runs that said the same have the same digests, in whatever order their partitions spoke. */
export async function digestStreams(
  log: ReadableLog,
  streams: readonly StreamDefinition[] = allStreams,
): Promise<StreamDigest[]> {
  const digests: StreamDigest[] = [];
  for (const stream of streams) digests.push(await digestOf(log, stream));
  return digests;
}

/** One hash for all that is compared. */
export const overallDigest = (digests: readonly { readonly name: string; readonly digest: string }[]): string => {
  const lines = digests.map(({ name, digest }) => `${name} ${digest}\n`).sort(byCodePoint);
  return createHash('sha256').update(lines.join('')).digest('hex');
};

export const comparedOf = (digests: readonly StreamDigest[]) =>
  digests.filter(({ compared }) => compared).map(({ stream, digest }) => ({ name: stream, digest }));

/** A line per event stays in memory, some 200 bytes: its id and the hash of what it says. */
async function digestOf(log: ReadableLog, stream: StreamDefinition): Promise<StreamDigest> {
  const lines: string[] = [];
  let unreadable = 0;
  for await (const batch of readToEnd(log, stream, { maxEvents: 5_000 })) {
    unreadable += batch.malformed.length + batch.unknown;
    for (const { event } of batch.events) {
      const { id, type, v, at, data } = event;
      const hash = createHash('sha256').update(canonicalJson({ id, type, v, at, data })).digest('base64');
      lines.push(`${id} ${hash}\n`);
    }
  }
  const all = createHash('sha256');
  for (const line of lines.sort(byCodePoint)) all.update(line);
  return {
    stream: stream.name,
    events: lines.length,
    digest: all.digest('hex'),
    unreadable,
    compared: !wallClock.has(stream.name),
  };
}
