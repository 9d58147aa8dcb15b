import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';
import { matches, sorted } from './fake-mongo-query.ts';

/**
 * The part of a MongoDB replica set that the provider uses, with the real wire protocol on a port of this machine, so
 * that the real driver is tested. Documents are kept per `database.collection`.
 */
export interface FakeMongo {
  readonly uri: string;
  /** names of the commands received, in order, without those of the driver's own housekeeping */
  readonly commands: string[];
  /** errors returned for the next commands of that name, one each */
  readonly failures: { readonly command: string; readonly code: number; readonly message: string }[];
  /** false: a standalone server, which has no change streams */
  hasChangeStreams: boolean;
  /** open connections that follow inserts */
  readonly followers: number;
  documents(name: string): readonly Document[];
  insert(name: string, documents: readonly Document[]): void;
  /** every connection with a command on it breaks; those that only watch the server's health live on */
  drop(): void;
  stop(): Promise<void>;
}

interface Cursor {
  readonly name: string;
  rest: Document[];
  /** place in the inserts, for a change stream */
  next: number | null;
  readonly filter: Document;
}

interface Insert {
  readonly name: string;
  readonly document: Document;
}

const HOUSEKEEPING = new Set(['hello', 'ismaster', 'isMaster', 'endSessions', 'ping', 'killCursors']);

export async function startFakeMongo(): Promise<FakeMongo> {
  const collections = new Map<string, Document[]>();
  const inserts: Insert[] = [];
  const cursors = new Map<number, Cursor>();
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  const working = new Set<Socket>();
  let lastId = 0;

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      working.delete(socket);
    });
    socket.on('error', () => undefined);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0));
        received = received.subarray(message.length);
        void answer(message, () => working.add(socket)).then((reply) => socket.writable && socket.write(reply));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(message: Buffer, worked: () => void): Promise<Buffer> {
    const [requestId, opCode] = [message.readInt32LE(4), message.readInt32LE(12)];
    const isLegacy = opCode === 2004;
    const start = isLegacy ? message.indexOf(0, 20) + 9 : 21;
    const command = BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)));
    if (!HOUSEKEEPING.has(Object.keys(command)[0] ?? '')) worked();
    const reply = BSON.serialize(await reactTo(command).catch((error: Error) => failure(1, error.message)));
    const head = Buffer.alloc(isLegacy ? 36 : 21);
    head.writeInt32LE(head.length + reply.length, 0);
    head.writeInt32LE(requestId, 8);
    head.writeInt32LE(isLegacy ? 1 : 2013, 12);
    if (isLegacy) head.writeInt32LE(1, 32);
    return Buffer.concat([head, reply]);
  }

  const failure = (code: number, errmsg: string): Document => ({ ok: 0, code, errmsg });
  const documentsOf = (name: string): Document[] => {
    const documents = collections.get(name) ?? [];
    collections.set(name, documents);
    return documents;
  };

  async function reactTo(command: Document): Promise<Document> {
    const [name = ''] = Object.keys(command);
    if (!HOUSEKEEPING.has(name)) fake.commands.push(name);
    const place = fake.failures.findIndex((failing) => failing.command === name);
    const [failing] = place < 0 ? [] : fake.failures.splice(place, 1);
    if (failing !== undefined) return failure(failing.code, failing.message);
    const collection = `${command.$db}.${command.collection ?? command[name]}`;
    switch (name) {
      case 'hello':
      case 'ismaster':
      case 'isMaster':
        return hello();
      case 'insert':
        fake.insert(collection, command.documents as Document[]);
        return { ok: 1, n: (command.documents as Document[]).length };
      case 'find': {
        const found = sorted(
          documentsOf(collection).filter((document) => matches(document, command.filter as Document)),
          command.sort as Document | undefined,
        ).slice(0, (command.limit as number) || undefined);
        return opened({ name: collection, rest: found, next: null, filter: {} }, (command.batchSize as number) ?? 101);
      }
      case 'aggregate':
        return follow(collection, command);
      case 'getMore':
        return more(command);
      default:
        return HOUSEKEEPING.has(name) ? { ok: 1 } : failure(59, `no such command: ${name}`);
    }
  }

  const hello = (): Document => ({
    ok: 1,
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    ...(fake.hasChangeStreams && { setName: 'rs0', setVersion: 1, hosts: [host], me: host, primary: host }),
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: 25,
  });

  function opened(cursor: Cursor, batchSize: number): Document {
    const firstBatch = cursor.rest.splice(0, batchSize);
    const isOver = cursor.rest.length === 0 && cursor.next === null;
    const id = isOver ? 0 : ++lastId;
    if (!isOver) cursors.set(id, cursor);
    return { ok: 1, cursor: { id: BSON.Long.fromNumber(id), ns: cursor.name, firstBatch, ...token(cursor) } };
  }

  const token = ({ next }: Cursor): Document =>
    next === null ? {} : { postBatchResumeToken: { _data: String(next) } };

  function follow(name: string, { pipeline }: Document): Document {
    const [stage = {}, { $match: filter = {} } = {}] = pipeline as Document[];
    if (!fake.hasChangeStreams) return failure(40573, 'The $changeStream stage is only supported on replica sets');
    const { resumeAfter, startAfter } = stage.$changeStream as { resumeAfter?: Document; startAfter?: Document };
    const from = (resumeAfter ?? startAfter)?._data as string | undefined;
    const next = from === undefined ? inserts.length : Number(from);
    return opened({ name, rest: [], next, filter }, 0);
  }

  async function more({ getMore, batchSize = 101, maxTimeMS = 1_000 }: Document): Promise<Document> {
    const id = Number(getMore);
    const cursor = cursors.get(id);
    if (cursor === undefined) return failure(43, `cursor id ${id} not found`);
    if (cursor.next !== null && inserts.length <= cursor.next) await news(maxTimeMS as number);
    const nextBatch = cursor.next === null ? cursor.rest.splice(0, batchSize as number) : changes(cursor);
    const isOver = cursor.next === null && cursor.rest.length === 0;
    if (isOver) cursors.delete(id);
    const answered = BSON.Long.fromNumber(isOver ? 0 : id);
    return { ok: 1, cursor: { id: answered, ns: cursor.name, nextBatch, ...token(cursor) } };
  }

  function changes(cursor: Cursor): Document[] {
    const from = cursor.next ?? 0;
    cursor.next = inserts.length;
    return inserts.slice(from).flatMap(({ name, document }, place) => {
      const change = { _id: { _data: String(from + place + 1) }, operationType: 'insert', fullDocument: document };
      return name === cursor.name && matches(change, cursor.filter) ? [change] : [];
    });
  }

  /** Resolves at the next insert, or after that time. */
  const news = (maxMs: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, maxMs);
      waiting.add(done);
    });

  const fake: FakeMongo = {
    uri: `mongodb://${host}/`,
    commands: [],
    failures: [],
    hasChangeStreams: true,
    get followers() {
      return waiting.size;
    },
    documents: documentsOf,
    insert(name, documents) {
      for (const document of documents) {
        const whole = { _id: new BSON.ObjectId(), ...document };
        documentsOf(name).push(whole);
        inserts.push({ name, document: whole });
      }
      for (const done of [...waiting]) done();
    },
    drop() {
      cursors.clear();
      for (const socket of working) socket.destroy();
    },
    async stop() {
      for (const done of [...waiting]) done();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
