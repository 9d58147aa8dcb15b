import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The network between one process and nats-server. */
export interface StallingProxy {
  readonly url: string;
  /** Nothing comes through, in either direction, and nobody is told: what is sent stays in the buffers of the kernel. */
  stall(): void;
  /** Connections are reset; new ones work. */
  reset(): void;
  close(): Promise<void>;
}

/** @param portOf of the server, asked for each connection */
export async function stallingProxy(portOf: () => number): Promise<StallingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let stalled = false;
  const server = createServer((client) => {
    const upstream = connect(portOf(), '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    }
    if (stalled) return;
    flow(pair);
  });
  const flow = ([client, upstream]: readonly [Socket, Socket]): void => {
    client.pipe(upstream);
    upstream.pipe(client);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => {
    stalled = false;
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stall() {
      stalled = true;
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream);
        upstream.unpipe(client);
        client.pause();
        upstream.pause();
      }
    },
    reset,
    async close() {
      server.close();
      reset();
      await once(server, 'close');
    },
  };
}
