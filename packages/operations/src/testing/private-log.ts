import { findNatsServer, startNatsServer, tempDir } from '@crunch-node/embedded';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { allStreams } from '@crunch-node/streams';

/** A log for one test, on a server of its own. */
export async function openPrivateLog(): Promise<{ log: EventLog; close(): Promise<void> }> {
  const folder = await tempDir('crunch-cli-');
  const server = await startNatsServer({ binary: (await findNatsServer()).path, storeDir: folder.path });
  const log = await connectLog({ url: server.url });
  await log.ensureStreams(allStreams);
  return {
    log,
    async close() {
      await log.close();
      await server.stop();
      await folder.remove();
    },
  };
}
