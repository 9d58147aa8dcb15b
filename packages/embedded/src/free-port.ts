import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A port nobody listens on at this moment. Somebody may take it before you do: prefer a server that chooses its own,
 * or try again.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
