import type { Collection, MongoClient } from 'mongodb';
import { unlessAborted } from '../../rows/index.ts';
import { explained } from './errors.ts';
import type { CollectionSettings } from './settings.ts';

export interface Connection {
  /** Connects when first used. Errors carry no credentials. */
  use<T>(work: (collection: Collection) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The next use connects again. */
  close(): void;
}

const SELECTION_MS = 10_000;
const IDLE_MS = 2_000;

/** Loading the driver takes a quarter of a second: only who reads MongoDB pays. */
export function connectionTo(settings: CollectionSettings): Connection {
  let client: Promise<MongoClient> | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;
  const connect = async (): Promise<MongoClient> => {
    const { MongoClient } = await import('mongodb');
    return new MongoClient(settings.uri, {
      serverSelectionTimeoutMS: SELECTION_MS,
      // Also how long a health check on a connection that broke unnoticed holds up everything else.
      connectTimeoutMS: 5_000,
      appName: 'crunch-node feed',
      retryReads: true,
      readPreference: 'primaryPreferred',
    });
  };
  const close = (): void => {
    const closing = client;
    client = undefined;
    closing?.then((open) => open.close(true)).catch(() => undefined);
  };
  return {
    async use(work, signal) {
      clearTimeout(idle);
      users++;
      try {
        client ??= connect();
        const collection = (await client).db(settings.database).collection(settings.collection);
        return await unlessAborted(work(collection), signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw explained(error, settings);
      } finally {
        users--;
        // A client watches its servers for ever, and would keep a process that has only listed subjects.
        if (users === 0) idle = setTimeout(close, IDLE_MS).unref();
      }
    },
    close,
  };
}
