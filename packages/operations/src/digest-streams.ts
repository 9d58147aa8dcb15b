import { createHash } from 'node:crypto';
import { canonicalJson } from '@crunch-node/domain';
import type { ReadableLog } from '@crunch-node/eventlog';
import { readToEnd } from '@crunch-node/service';
import { allStreams, byCodePoint, type StreamDefinition } from '@crunch-node/streams';

export interface StreamDigest {
  readonly stream: string;
  readonly events: number;
  /** SHA-256 over the events by id, each without its observations */
  readonly digest: string;
  /** messages this code cannot read; not part of the digest */
  readonly unreadable: number;
  /** false: it holds wall-clock facts, which differ between otherwise equal runs */
  readonly compared: boolean;
}

/** Times of joining, activation, refused messages and backfills are facts of one run, not of its inputs. */
const wallClock: ReadonlySet<string> = new Set(['MODELS', 'CONTROL', 'DEADLETTERS', 'BACKFILLS']);

/** Two runs with the same events have the same digests, in whatever order their partitions published. */
export async function digestStreams(
  log: ReadableLog,
  streams: readonly StreamDefinition[] = allStreams,
): Promise<StreamDigest[]> {
  const digests: StreamDigest[] = [];
  for (const stream of streams) digests.push(await digestOf(log, stream));
  return digests;
}

/** One hash over everything that is compared. */
export const overallDigest = (digests: readonly { readonly name: string; readonly digest: string }[]): string => {
  const lines = digests.map(({ name, digest }) => `${name} ${digest}\n`).sort(byCodePoint);
  return createHash('sha256').update(lines.join('')).digest('hex');
};

export const comparedOf = (digests: readonly StreamDigest[]) =>
  digests.filter(({ compared }) => compared).map(({ stream, digest }) => ({ name: stream, digest }));

/** Some 200 bytes per event stay in memory: its id and the hash of its content. */
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
