import { join } from 'node:path';
import { findNatsServer, type NatsServer, startNatsServer, tempDir } from '@crunch-node/embedded';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { allStreams, namespaceOf } from '@crunch-node/streams';

/** How safe an acknowledged message is: with the kernel, or on the disk. */
export type Durability = 'acknowledged' | 'fsynced';

/** What a row calls it: see bench/peer/README.md. */
export const DURABLE: Readonly<Record<Durability, string>> = {
  acknowledged: 'log',
  fsynced: 'log, fsync',
};

export interface OwnLog {
  readonly server: NatsServer;
  readonly log: EventLog;
}

/** A nats-server with the streams of a competition, as long as the work takes. */
export async function withLog<T>(durability: Durability, work: (own: OwnLog) => Promise<T>): Promise<T> {
  const folder = await tempDir('crunch-nats-');
  const sync = `jetstream { store_dir: ${JSON.stringify(join(folder.path, 'jetstream'))}, sync_interval: always }`;
  const server = await startNatsServer({
    binary: (await findNatsServer()).path,
    storeDir: folder.path,
    ...(durability === 'fsynced' && { moreConfig: sync }),
  });
  try {
    const log = await connectLog({ url: server.url, namespace: namespaceOf() });
    try {
      await log.ensureStreams(allStreams);
      return await work({ server, log });
    } finally {
      await log.close();
    }
  } finally {
    await server.stop();
    await folder.remove();
  }
}
