import type { StreamDefinition } from '@crunch-node/streams';
import type { StreamConfig } from 'nats';
import { ApiFault, type Connection, STREAM_NOT_FOUND } from './connection.ts';
import { LogUnavailable, NotPermitted, StreamConflict, type StreamDifference } from './errors.ts';
import { LimitUnsafe } from './log-faults.ts';
import { assertReplicable } from './replicas.ts';
import { isOlder } from './server-version.ts';

export interface StreamOptions {
  /** the stream refuses more; default: limited by the disk only */
  readonly maxBytes?: number;
  /** default 1, not changed in an existing stream unless given */
  readonly replicas?: number;
}

const NAME_IN_USE = 10058;
const SUBJECTS_OVERLAP = 10065;
const SECONDS = 1_000_000_000;

/** Minutes, not hours: the server keeps about 250 bytes of memory per id within the window. */
const DUPLICATE_WINDOW_NANOS = 120 * SECONDS;

type Wanted = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

/**
 * Creates each stream that is missing.
 * @throws {StreamConflict} when one exists with another configuration
 * @throws {LimitUnsafe} when one has, or should get, a limit with which this server version drops acknowledged messages
 */
export async function ensureStreams(
  connection: Connection,
  definitions: readonly StreamDefinition[],
  options: StreamOptions = {},
): Promise<void> {
  assertReplicable(connection, options.replicas ?? 1);
  if (options.maxBytes !== undefined && options.maxBytes > 0) {
    for (const { name } of definitions)
      assertLimitable(connection, connection.namespace.streamName(name), options.maxBytes);
  }
  await Promise.all(
    definitions.map((definition) => ensureStream(connection, wantedFor(connection, definition, options))),
  );
}

/** Before it, servers accept the option and ignore it. */
const COMPRESSES_FROM = '2.10.0';

export function wantedFor(
  { namespace, generation }: Connection,
  definition: StreamDefinition,
  { maxBytes, replicas }: StreamOptions,
): Wanted {
  return {
    name: namespace.streamName(definition.name),
    subjects: definition.natsSubjects.map(namespace.natsSubject),
    storage: 'file' as Wanted['storage'] & string,
    retention: 'limits' as Wanted['retention'] & string,
    discard: 'new' as Wanted['discard'] & string, // a full stream refuses appends; before 2.10 only without max_bytes
    max_age: 0,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    duplicate_window: DUPLICATE_WINDOW_NANOS,
    deny_delete: true,
    deny_purge: true,
    allow_direct: true,
    // Events repeat names, ids and times: compressed, blocks of a log take a fraction of their size.
    ...(!isOlder(generation?.version ?? '0.0.0', COMPRESSES_FROM) && {
      compression: 's2' as Wanted['compression'] & string,
    }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    ...(replicas !== undefined && { num_replicas: replicas }),
  };
}

async function ensureStream(connection: Connection, wanted: Wanted): Promise<void> {
  const found = await existing(connection, wanted.name);
  if (found !== null) return adapt(connection, wanted, found);
  try {
    await connection.api(`$JS.API.STREAM.CREATE.${wanted.name}`, {
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
    // Another process created it in between.
    const other = await existing(connection, wanted.name);
    if (other === null) throw error;
    await adapt(connection, wanted, other);
  }
}

/**
 * Compares, then compresses a stream of an older release or server: what is written from now on takes less space, what
 * it holds stays readable. Where that is refused (by permissions, of a sealed stream) it stays as it is.
 */
async function adapt(connection: Connection, wanted: Wanted, found: StreamConfig): Promise<void> {
  const { compression, ...compared } = wanted;
  compare(connection, compared, found);
  if (compression === undefined || found.compression === compression) return;
  try {
    await connection.api(`$JS.API.STREAM.UPDATE.${wanted.name}`, { ...found, compression });
  } catch (error) {
    if (!(error instanceof ApiFault || error instanceof NotPermitted || error instanceof LogUnavailable)) throw error;
  }
}

async function existing(connection: Connection, name: string): Promise<StreamConfig | null> {
  try {
    return (await connection.api<{ config: StreamConfig }>(`$JS.API.STREAM.INFO.${name}`)).config;
  } catch (error) {
    if (error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND) return null;
    throw error;
  }
}

function compare(connection: Connection, wanted: Wanted, found: StreamConfig): void {
  assertLimitable(connection, wanted.name, found.max_bytes);
  const differences: StreamDifference[] = [];
  for (const [field, expected] of Object.entries(wanted)) {
    const received: unknown = found[field as keyof StreamConfig] ?? absent(expected);
    if (!isEqual(expected, received)) differences.push({ field, expected, received });
  }
  if (differences.length > 0) throw new StreamConflict(wanted.name, differences);
}

/** Older versions with `max_bytes` drop the oldest messages at some limits, whatever `discard` is. */
const LIMITS_HOLD_FROM = '2.10.0';

function assertLimitable({ generation }: Connection, stream: string, maxBytes: number): void {
  const version = generation?.version ?? '0.0.0';
  if (maxBytes > 0 && isOlder(version, LIMITS_HOLD_FROM)) {
    throw new LimitUnsafe(stream, maxBytes, version, LIMITS_HOLD_FROM);
  }
}

/** The server omits fields that are false or empty. */
const absent = (expected: unknown): unknown =>
  typeof expected === 'boolean' ? false : typeof expected === 'number' ? 0 : undefined;

const isEqual = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? JSON.stringify([...a].sort()) === JSON.stringify([...b].sort()) : a === b;
