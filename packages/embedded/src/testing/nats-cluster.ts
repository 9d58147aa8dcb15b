import { findNatsServer } from '../find-nats-server.ts';
import { freePort } from '../free-port.ts';
import { type NatsServer, startNatsServer } from '../nats-server.ts';
import { tempDir } from '../temp-dir.ts';

export interface NatsCluster {
  readonly servers: readonly NatsServer[];
  /** of all servers, for a client that switches to another one when its own is gone */
  readonly url: string;
  /** where another server joins the cluster */
  readonly routes: readonly string[];
  /** The server with this name, as streams name their leader. */
  named(serverName: string): NatsServer;
  stop(): Promise<void>;
}

export interface NatsClusterOptions {
  readonly size?: number;
  readonly binary?: string;
}

/** Several nats-servers on this machine that share JetStream. `stop()` removes their folder. */
export async function privateNatsCluster({ size = 3, binary }: NatsClusterOptions = {}): Promise<NatsCluster> {
  const executable = binary ?? (await findNatsServer({ suite: 'trixie' })).path;
  const folder = await tempDir('crunch-nats-cluster-');
  const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const ports: number[] = [];
  for (const _ of names) ports.push(await freePort());
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
  const started = await Promise.allSettled(
    names.map((serverName, i) =>
      startNatsServer({
        binary: executable,
        storeDir: `${folder.path}/${serverName}`,
        serverName,
        // Started together: one server of three never elects a leader, though it accepts connections before.
        moreConfig: `cluster { name: "test", listen: "127.0.0.1:${ports[i]}", routes: ${JSON.stringify(routes)} }`,
      }),
    ),
  );
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await folder.remove();
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    servers,
    url: servers.map(({ url }) => url).join(','),
    routes,
    named(serverName) {
      const server = servers[names.indexOf(serverName)];
      if (server === undefined) throw new RangeError(`expected one of ${names.join(', ')}, received ${serverName}`);
      return server;
    },
    stop,
  };
}
