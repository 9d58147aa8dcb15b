import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RestRow {
  readonly symbol: string;
  /** epoch milliseconds */
  readonly t: unknown;
  readonly id?: number;
  readonly price: unknown;
}

/** A web service with rows per symbol: `/rows?symbol=&from=&to=&limit=`, oldest first, with an ETag. */
export interface FakeRest {
  readonly url: string;
  readonly rows: RestRow[];
  /** path, query and headers of every request */
  readonly requests: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[];
  /** responses to the next requests instead of the data, one each */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }[];
  /** number of responses with status 304 */
  readonly unchanged: number;
  stop(): Promise<void>;
}

export async function startFakeRest(): Promise<FakeRest> {
  let unchanged = 0;
  const server = createServer((request, response) => {
    fake.requests.push({ path: request.url ?? '', headers: request.headers });
    const given = fake.answers.shift();
    if (given !== undefined) return response.writeHead(given.status, given.headers ?? {}).end(given.body ?? '');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const query = (name: string): number => Number(searchParams.get(name) ?? Number.NaN);
    const of = fake.rows.filter(({ symbol }) => symbol === (searchParams.get('symbol') ?? symbol));
    const found = of.filter(({ t }) => typeof t !== 'number' || !(t < query('from') || t > query('to')));
    const from = pathname === '/cursor' ? Number(searchParams.get('cursor') || 0) : 0;
    const rows = found.slice(from, from + (query('limit') || found.length));
    const next = pathname === '/cursor' && from + rows.length < found.length ? String(from + rows.length) : null;
    const body = JSON.stringify({ data: { rows, next } });
    const etag = `"${Buffer.from(body).toString('base64').slice(-40)}${body.length}"`;
    if (request.headers['if-none-match'] === etag) {
      unchanged++;
      return response.writeHead(304, { etag }).end();
    }
    return response.writeHead(200, { 'content-type': 'application/json', etag }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeRest = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rows: [],
    requests: [],
    answers: [],
    get unchanged() {
      return unchanged;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}
