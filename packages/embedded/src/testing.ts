/** What tests need of the private servers: each on its own folder, which goes with it. */
import { findNatsServer } from './find-nats-server.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts';
import { tempDir } from './temp-dir.ts';

export type { NatsServer } from './nats-server.ts';
export { until } from './until.ts';

/** A nats-server for one test file. `stop()` removes its folder. */
export async function privateNats(options: Partial<NatsServerOptions> = {}): Promise<NatsServer> {
  const folder = await tempDir('crunch-nats-');
  try {
    const binary = options.binary ?? (await findNatsServer()).path;
    const server = await startNatsServer({ storeDir: folder.path, ...options, binary });
    return Object.create(server, {
      stop: {
        value: async () => {
          await server.stop();
          await folder.remove();
        },
      },
    }) as NatsServer;
  } catch (error) {
    await folder.remove();
    throw error;
  }
}
