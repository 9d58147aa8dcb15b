import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The network between clients and a server. Passes bytes on until it is stalled. */
export interface StallingProxy {
  readonly port: number;
  /** bytes the server has sent to its clients */
  readonly passedOn: number;
  /**
   * Nothing comes through in either direction, and no connection ends: what is sent stays in the buffers of the kernel.
   */
  stall(): void;
  resume(): void;
  /** Connections are reset; new ones work. */
  reset(): void;
  close(): Promise<void>;
}

/** @param portOf of the server, called for each connection */
export async function startStallingProxy(portOf: () => number): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  let stalled = false;
  let passedOn = 0;
  const server = createServer((client) => {
    const upstream = connect(portOf(), '127.0.0.1');
    upstream.on('data', (chunk) => {
      passedOn += chunk.length;
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
      if (stalled) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const each = (act: (socket: Socket) => void): void => {
    for (const socket of sockets) act(socket);
  };
  return {
    port: (server.address() as AddressInfo).port,
    get passedOn() {
      return passedOn;
    },
    stall() {
      stalled = true;
      each((socket) => socket.pause());
    },
    resume() {
      stalled = false;
      each((socket) => socket.resume());
    },
    reset() {
      stalled = false;
      each((socket) => socket.resetAndDestroy());
    },
    async close() {
      each((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
