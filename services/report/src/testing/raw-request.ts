import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { CrunchError } from '@crunch-node/streams/errors';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Longer than the time limits of the API. */
const SILENCE_MS = 150_000;

/** The server keeps the connection open without sending. */
export class NoAnswer extends CrunchError {
  override readonly name = 'NoAnswer';
  override readonly code = 'no_answer';
}

/**
 * Sends a request with its target exactly as spelt. Of a stream of events, which has no end, only the beginning is
 * read.
 */
export const rawRequest = (
  base: string,
  target: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const asked = request(
      { hostname, port, path: target, method, headers, agent: false, timeout: SILENCE_MS },
      (answer) => {
        if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: '' });
          asked.destroy();
          return;
        }
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: textOf(chunks, answer.headers) }),
        );
      },
    );
    asked.on('error', reject);
    asked.on('timeout', () =>
      asked.destroy(new NoAnswer(`${method} ${target}: nothing was sent for ${SILENCE_MS} ms`)),
    );
    asked.end(body);
  });

function textOf(chunks: readonly Buffer[], headers: RawAnswer['headers']): string {
  const bytes = Buffer.concat(chunks);
  return (headers['content-encoding'] === 'gzip' && bytes.length > 0 ? gunzipSync(bytes) : bytes).toString('utf8');
}
