/**
 * Requests one path over and over on connections kept alive, each waiting for its response before the next request. In
 * a process of its own, so that its cost is not the server's. Takes its orders and returns results over IPC.
 */
import { connect } from 'node:net';
import { percentile, rounded } from './statistics.ts';

export interface Load {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** send back the tag of the last response */
  readonly conditional: boolean;
}

export interface LoadResult {
  readonly requests_per_second: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly megabytes_per_second: number;
  readonly statuses: Readonly<Record<string, number>>;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

async function measure(load: Load): Promise<LoadResult> {
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let received = 0;
  const from = performance.now();
  const until = from + load.seconds * 1_000;

  const converse = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(load.port, load.host);
      let asked = 0;
      let tag: string | undefined;
      let missing = -1; // bytes of the body yet to come; -1: the head is not complete
      let head: Buffer = Buffer.alloc(0);
      let status = '';
      const ask = (): void => {
        if (performance.now() >= until) return void socket.end(resolve);
        asked = performance.now();
        const given = load.conditional && tag !== undefined ? { ...load.headers, 'if-none-match': tag } : load.headers;
        const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`GET ${load.path} HTTP/1.1\r\nhost: ${load.host}\r\n${lines.join('')}\r\n`);
      };
      const answered = (): void => {
        times.push(performance.now() - asked);
        statuses[status] = (statuses[status] ?? 0) + 1;
        missing = -1;
        head = Buffer.alloc(0);
        ask();
      };
      socket.setNoDelay(true);
      socket.on('connect', ask);
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length;
        let body = chunk.length;
        if (missing === -1) {
          head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
          const end = head.indexOf(END_OF_HEAD);
          if (end === -1) return;
          const text = head.toString('latin1', 0, end);
          status = text.slice(9, 12);
          tag = /^etag: (.*)$/im.exec(text)?.[1]?.trim() ?? tag;
          missing = status === '304' ? 0 : Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
          body = head.length - end - END_OF_HEAD.length;
        }
        missing -= body;
        if (missing <= 0) answered();
      });
    });

  await Promise.all(Array.from({ length: load.connections }, converse));
  const seconds = (performance.now() - from) / 1_000;
  return {
    requests_per_second: rounded(times.length / seconds, times.length < 100 * seconds ? 2 : 0),
    p50_ms: rounded(percentile(times, 50)),
    p99_ms: rounded(percentile(times, 99)),
    max_ms: rounded(times.reduce((most, time) => Math.max(most, time), 0)),
    megabytes_per_second: rounded(received / seconds / 2 ** 20),
    statuses,
  };
}

process.on('message', (load: Load) => {
  measure(load).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.once('disconnect', () => process.exit(0));
