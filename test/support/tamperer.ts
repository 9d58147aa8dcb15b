import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The text of a response with something changed in it. */
export type Tamper = (text: string) => string;

export interface Tamperer {
  readonly url: string;
  /** how many responses were changed */
  changed(): number;
  stop(): Promise<void>;
}

/** Passes everything on, and changes the responses to requests whose address contains `path`. */
export async function startTamperer(target: string, path: string, tamper: Tamper): Promise<Tamperer> {
  let changed = 0;
  const server = createServer(async (request, response) => {
    const address = request.url ?? '/';
    const answer = await fetch(`${target}${address}`);
    const text = await answer.text();
    const published = address.includes(path) ? tamper(text) : text;
    if (published !== text) changed += 1;
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' }).end(published);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changed: () => changed,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
