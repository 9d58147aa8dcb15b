/**
 * Saved states of stages, kept on the server so that another machine can continue from them. In the layout of `nats
 * object`, so that an operator can inspect or delete them: they save time and decide nothing.
 */
import { createHash, type Hash } from 'node:crypto';
import { escapeToken, type JsonObject } from '@crunch-node/streams';
import { headers, type MsgHdrs } from 'nats';
import { readAck } from './ack.ts';
import { ApiFault, type Connection, STREAM_NOT_FOUND } from './connection.ts';
import { crashPoint } from './crash-point.ts';
import type { StateStore } from './log.ts';
import type { Lookups } from './lookups.ts';
import { StateNotSaved } from './state-errors.ts';

/** Two, so that one is complete while the other is written. */
const SLOTS = [0, 1] as const;

/** Small enough for a server's default payload limit, and for events to be sent between two chunks. */
const CHUNK_BYTES = 256 * 1024;
const IN_FLIGHT = 4;
const STORE_MS = 10_000;
const ALGORITHM = 'SHA-256=';

interface ObjectInfo {
  readonly name: string;
  readonly bucket: string;
  readonly nuid: string;
  readonly size: number;
  readonly chunks: number;
  readonly digest: string;
  readonly metadata: { readonly about: string; readonly first_sequence: string };
}

/** @param replicas default 1, unchanged in an existing bucket */
export async function openStateBucket(
  connection: Connection,
  lookups: Lookups,
  replicas?: number,
): Promise<StateStore> {
  const bucket = connection.namespace.streamName('states');
  const stream = `OBJ_${bucket}`;
  await ensureBucket(connection, stream, bucket, replicas);
  const maxChunk = Math.min(CHUNK_BYTES, Math.floor((connection.generation?.max_payload ?? CHUNK_BYTES) / 2));

  const nameOf = (name: string, slot: number): string => `${name}/${slot}`;
  const infoSubject = (name: string): string => `$O.${bucket}.M.${Buffer.from(name).toString('base64url')}`;
  /** Constant for a slot: chunks left by a process that died are removed by the next write. */
  const partsOf = (name: string): string => escapeToken(name).replaceAll('%', '=');
  const chunkSubject = (parts: string): string => `$O.${bucket}.C.${parts}`;

  async function store(natsSubject: string, payload: Uint8Array, header?: MsgHdrs): Promise<number> {
    const ack = readAck(await connection.askOnce(natsSubject, payload, header ?? headers(), STORE_MS));
    if (ack?.kind === 'stored') return ack.sequence;
    throw new StateNotSaved(stream, ack?.reason ?? 'another client responded');
  }

  return {
    async heads(name) {
      const infos = await Promise.all(
        SLOTS.map((slot) => lookups.lastMessage(stream, infoSubject(nameOf(name, slot)))),
      );
      return infos.flatMap((stored, slot) => {
        const info = stored === null ? null : infoIn(stored.payload);
        return info === null ? [] : [{ slot, bytes: info.size, about: JSON.parse(info.metadata.about) as JsonObject }];
      });
    },

    async load(name, { slot }) {
      const stored = await lookups.lastMessage(stream, infoSubject(nameOf(name, slot)));
      const info = stored === null ? null : infoIn(stored.payload);
      if (info === null) return null;
      const natsSubject = chunkSubject(info.nuid);
      const chunks: Uint8Array[] = [];
      const digest = createHash('sha256');
      for (let next = Number(info.metadata.first_sequence); chunks.length < info.chunks; ) {
        const chunk = await lookups.messageFrom(stream, next, natsSubject);
        if (chunk === null) return null;
        chunks.push(chunk.payload);
        digest.update(chunk.payload);
        next = chunk.sequence + 1;
      }
      return digestOf(digest) === info.digest ? Buffer.concat(chunks) : null;
    },

    async save(name, slot, about, parts, signal) {
      const own = nameOf(name, slot);
      const nuid = partsOf(own);
      await connection
        .api(`$JS.API.STREAM.PURGE.${stream}`, { filter: chunkSubject(nuid) })
        .catch(async (error: unknown) => {
          if (!isMissing(error)) throw error;
          await ensureBucket(connection, stream, bucket, replicas); // the bucket was deleted
        });
      const digest = createHash('sha256');
      const onTheirWay: Promise<number>[] = [];
      let first: number | undefined;
      let size = 0;
      let chunks = 0;
      for await (const chunk of inChunks(parts, maxChunk)) {
        signal.throwIfAborted();
        digest.update(chunk);
        size += chunk.length;
        chunks += 1;
        const stored = store(chunkSubject(nuid), chunk);
        stored.catch(() => undefined);
        onTheirWay.push(stored);
        first ??= await stored;
        // In order in the stream, few at a time in flight.
        if (onTheirWay.length >= IN_FLIGHT) await onTheirWay.shift();
      }
      await Promise.all(onTheirWay);
      crashPoint('state-written');
      signal.throwIfAborted();
      const info = {
        name: own,
        bucket,
        nuid,
        size,
        chunks,
        digest: digestOf(digest),
        mtime: new Date().toISOString(),
        deleted: false,
        options: { max_chunk_size: maxChunk },
        metadata: { about: JSON.stringify(about), first_sequence: String(first ?? 0) },
      };
      const header = headers();
      header.set('Nats-Rollup', 'sub');
      await store(infoSubject(own), Buffer.from(JSON.stringify(info)), header);
      return size;
    },
  };
}

const isMissing = (error: unknown): boolean => error instanceof ApiFault && error.errCode === STREAM_NOT_FOUND;

const digestOf = (hash: Hash): string => ALGORITHM + hash.digest('base64url');

/** Null for one that was deleted, or has another format. */
function infoIn(payload: Uint8Array): ObjectInfo | null {
  try {
    const info = JSON.parse(Buffer.from(payload).toString()) as ObjectInfo & { readonly deleted?: boolean };
    return info.deleted || typeof info.metadata?.about !== 'string' ? null : info;
  } catch {
    return null;
  }
}

async function* inChunks(parts: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const part of parts) {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    for (; rest.length >= size; rest = rest.subarray(size)) yield rest.subarray(0, size);
  }
  if (rest.length > 0) yield rest;
}

async function ensureBucket(
  connection: Connection,
  stream: string,
  bucket: string,
  replicas: number | undefined,
): Promise<void> {
  try {
    const { config } = await connection.api<{ config: { num_replicas: number } }>(`$JS.API.STREAM.INFO.${stream}`);
    if (replicas === undefined || config.num_replicas === replicas) return;
    await connection.api(`$JS.API.STREAM.UPDATE.${stream}`, { ...config, num_replicas: replicas });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await connection.api(`$JS.API.STREAM.CREATE.${stream}`, {
      name: stream,
      subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
      storage: 'file',
      retention: 'limits',
      discard: 'new',
      max_msgs_per_subject: -1,
      max_msgs: -1,
      max_bytes: -1,
      max_consumers: -1,
      max_age: 0,
      num_replicas: replicas ?? 1,
      allow_direct: true,
      allow_rollup_hdrs: true,
    });
  }
}
