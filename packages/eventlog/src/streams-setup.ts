import type { StreamDefinition } from '@crunch-node/streams';
import type { StreamConfig } from 'nats';
import { StreamConflict, type StreamDifference } from './errors.ts';
import { ApiFault, type Link, STREAM_NOT_FOUND } from './link.ts';
import { assertReplicable } from './replicas.ts';

export interface StreamOptions {
  /** the stream refuses more; default: no limit but the disk */
  readonly maxBytes?: number;
  /** default 1, never changed in an existing stream unless given */
  readonly replicas?: number;
}

const NAME_IN_USE = 10058;
const SUBJECTS_OVERLAP = 10065;
const SECONDS = 1_000_000_000;

/** Minutes, not hours: an id costs the server about 250 bytes of memory for as long as it is remembered. */
const DUPLICATE_WINDOW_NANOS = 120 * SECONDS;

type Wanted = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

/** Creates each stream that is missing. @throws {StreamConflict} when one exists with another configuration */
export async function ensureStreams(
  link: Link,
  definitions: readonly StreamDefinition[],
  options: StreamOptions = {},
): Promise<void> {
  assertReplicable(link, options.replicas ?? 1);
  await Promise.all(definitions.map((definition) => ensureStream(link, wantedFor(link, definition, options))));
}

export function wantedFor(
  { namespace }: Link,
  definition: StreamDefinition,
  { maxBytes, replicas }: StreamOptions,
): Wanted {
  return {
    name: namespace.streamName(definition.name),
    subjects: definition.natsSubjects.map(namespace.natsSubject),
    storage: 'file' as Wanted['storage'] & string,
    retention: 'limits' as Wanted['retention'] & string,
    discard: 'new' as Wanted['discard'] & string, // full is loud, and history never vanishes silently
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    duplicate_window: DUPLICATE_WINDOW_NANOS,
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    ...(replicas !== undefined && { num_replicas: replicas }),
  };
}

async function ensureStream(link: Link, wanted: Wanted): Promise<void> {
  const found = await existing(link, wanted.name);
  if (found !== null) return compare(wanted, found);
  try {
    await link.api(`$JS.API.STREAM.CREATE.${wanted.name}`, {
      num_replicas: 1,
      max_bytes: -1,
      max_consumers: -1,
      ...wanted,
    });
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    if (error.errCode === SUBJECTS_OVERLAP) {
      const received = 'some of them in another stream';
      throw new StreamConflict(wanted.name, [{ field: 'subjects', expected: wanted.subjects, received }]);
    }
    if (error.errCode !== NAME_IN_USE) throw error;
    // Somebody created it in between.
    const other = await existing(link, wanted.name);
    if (other === null) throw error;
    compare(wanted, other);
  }
}

async function existing(link: Link, name: string): Promise<StreamConfig | null> {
  try {
    return (await link.api<{ config: StreamConfig }>(`$JS.API.STREAM.INFO.${name}`)).config;
  } catch (error) {
    if (error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND) return null;
    throw error;
  }
}

function compare(wanted: Wanted, found: StreamConfig): void {
  const differences: StreamDifference[] = [];
  for (const [field, expected] of Object.entries(wanted)) {
    const received: unknown = found[field as keyof StreamConfig] ?? absent(expected);
    if (!isEqual(expected, received)) differences.push({ field, expected, received });
  }
  if (differences.length > 0) throw new StreamConflict(wanted.name, differences);
}

/** The server leaves out what is false or empty. */
const absent = (expected: unknown): unknown =>
  typeof expected === 'boolean' ? false : typeof expected === 'number' ? 0 : undefined;

const isEqual = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? JSON.stringify([...a].sort()) === JSON.stringify([...b].sort()) : a === b;
