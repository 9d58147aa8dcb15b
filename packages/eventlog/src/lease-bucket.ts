/** The key-value bucket of the leases, in the layout of `nats kv`, so that an operator can inspect it. */
import { escapeToken, unescapeToken } from '@crunch-node/streams';
import { headers } from 'nats';
import { readAck } from './ack.ts';
import { ApiFault, type Connection, isTransient, STREAM_NOT_FOUND } from './connection.ts';
import { EXPECTED_LAST } from './headers.ts';
import type { Lookups } from './lookups.ts';

/** Read-only operations. */
export interface LeaseView {
  /** the current entry of a lease, null when it is free; `revision` is the expected revision of the next write */
  get(name: string): Promise<{ value: string | null; revision: number }>;
  names(): Promise<string[]>;
}

export interface LeaseBucket extends LeaseView {
  /** The new revision, null when another revision was found, undefined when there was no response in time. */
  put(name: string, value: string, revision: number, timeoutMs: number): Promise<number | null | undefined>;
  remove(name: string, revision: number, timeoutMs: number): Promise<void>;
  /** Notifies watchers that a lease has another holder, or none. */
  announce(name: string): void;
  /** Calls back when a lease has another holder, or none. Notifications may be lost: poll as well. */
  onChange(name: string | null, listener: (name: string) => void): () => void;
}

const NANOS = 1_000_000_000;
const MIN_LEASE_SECONDS = 0.1; // the server's smallest age

/** A key may not contain `%`, but may contain `=`, which the escape never leaves unescaped. */
const keyOf = (name: string): string => escapeToken(name).replaceAll('%', '=');
const nameOf = (key: string): string => unescapeToken(key.replaceAll('=', '%'));

/** @param replicas default 1, in an existing bucket as it is */
export async function openLeaseBucket(
  connection: Connection,
  lookups: Lookups,
  leaseSeconds: number,
  replicas?: number,
): Promise<LeaseBucket> {
  if (!(leaseSeconds >= MIN_LEASE_SECONDS)) {
    throw new RangeError(`expected leases of at least ${MIN_LEASE_SECONDS} s, received ${leaseSeconds}`);
  }
  const bucket = connection.namespace.streamName('leases');
  const stream = `KV_${bucket}`;
  const subjectOf = (name: string): string => `$KV.${bucket}.${keyOf(name)}`;
  const changedSubject = (key: string): string => connection.namespace.natsSubject(`lease_changed.${key}`);
  await ensureBucket(connection, stream, bucket, Math.round(leaseSeconds * NANOS), replicas);

  async function write(name: string, value: string, revision: number, timeoutMs: number, operation?: string) {
    const header = headers();
    header.set(EXPECTED_LAST, String(revision));
    if (operation !== undefined) header.set('KV-Operation', operation);
    try {
      const ack = readAck(await connection.askOnce(subjectOf(name), value, header, Math.max(1, timeoutMs)));
      if (ack?.kind === 'stored') return ack.sequence;
      return ack?.kind === 'conflict' ? null : undefined;
    } catch (error) {
      if (isTransient(error)) return undefined;
      throw error;
    }
  }

  const announce = (name: string): void => {
    if (connection.connected) connection.nc.publish(changedSubject(keyOf(name)));
  };

  return {
    ...lookLeaseBucket(connection, lookups),
    put: write,
    async remove(name, revision, timeoutMs) {
      if (await write(name, '', revision, timeoutMs, 'DEL')) announce(name);
    },
    announce,
    onChange(name, listener) {
      const prefix = changedSubject('').length;
      const subscription = connection.nc.subscribe(changedSubject(name === null ? '*' : keyOf(name)), {
        callback: (error, { subject }) => {
          if (error === null) listener(nameOf(subject.slice(prefix)));
        },
      });
      return () => {
        if (!connection.nc.isClosed()) subscription.unsubscribe();
      };
    },
  };
}

/** Reads the bucket, also when it does not exist yet. */
export function lookLeaseBucket(connection: Connection, lookups: Lookups): LeaseView {
  const bucket = connection.namespace.streamName('leases');
  const stream = `KV_${bucket}`;
  const prefix = `$KV.${bucket}.`;
  return {
    async get(name) {
      const stored = await lookups.lastMessage(stream, prefix + keyOf(name));
      if (stored === null) return { value: null, revision: 0 };
      return { value: Buffer.from(stored.payload).toString('utf8') || null, revision: stored.sequence };
    },
    async names() {
      try {
        const { state } = await connection.api<{ state: { subjects?: Record<string, number> } }>(
          `$JS.API.STREAM.INFO.${stream}`,
          { subjects_filter: `${prefix}>` },
        );
        return Object.keys(state.subjects ?? {}).map((subject) => nameOf(subject.slice(prefix.length)));
      } catch (error) {
        if (error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND) return [];
        throw error;
      }
    },
  };
}

async function ensureBucket(
  connection: Connection,
  stream: string,
  bucket: string,
  maxAge: number,
  replicas: number | undefined,
): Promise<void> {
  const config = {
    name: stream,
    subjects: [`$KV.${bucket}.>`],
    storage: 'file', // a restart of the server should not change the holder
    retention: 'limits',
    discard: 'new',
    max_msgs_per_subject: 1,
    max_msgs: -1,
    max_bytes: -1,
    max_consumers: -1,
    max_age: maxAge,
    duplicate_window: Math.min(maxAge, 120 * NANOS),
    num_replicas: replicas ?? 1,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
  };
  try {
    const found = await connection.api<{ config: typeof config }>(`$JS.API.STREAM.INFO.${stream}`);
    const num_replicas = replicas ?? found.config.num_replicas;
    if (found.config.max_age !== maxAge || found.config.num_replicas !== num_replicas) {
      const { max_age, duplicate_window } = config;
      await connection.api(`$JS.API.STREAM.UPDATE.${stream}`, {
        ...found.config,
        max_age,
        duplicate_window,
        num_replicas,
      });
    }
  } catch (error) {
    if (!(error instanceof ApiFault) || error.errCode !== STREAM_NOT_FOUND) throw error;
    await connection.api(`$JS.API.STREAM.CREATE.${stream}`, config);
  }
}
