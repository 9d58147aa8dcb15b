import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { rawRequest } from '../../testing/raw-request.ts';
import { unconnectedApp } from '../../testing/unconnected-app.ts';

describe('an unreadable message', () => {
  let app: FastifyInstance;
  let url: string;
  before(async () => {
    app = await unconnectedApp();
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());

  /** Everything the server sends until it ends the connection. */
  const output = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('utf8');
      });
      socket.on('close', () => resolve(text));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(text) : reject(error),
      );
    });

  for (const [what, bytes, status] of [
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ] as const)
    it(`is refused in the shape of other refusals: ${what}`, async () => {
      const text = await output(bytes);
      assert.ok(text.startsWith(`HTTP/1.1 ${status} `), text.slice(0, 200));
      const { detail, message } = JSON.parse(text.split('\r\n\r\n')[1] ?? '') as Record<string, string>;
      assert.equal(detail, message);
    });

  for (const [what, request, status] of [
    [
      'a body too large',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: ' '.repeat(1_100_000) },
      413,
    ],
    ['a body of another type', { method: 'POST', headers: { 'content-type': 'application/xml' }, body: '<a/>' }, 415],
    ['half a JSON', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' }, 422],
    [
      'a list instead of an object',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[]' },
      422,
    ],
  ] as const)
    it(`is refused in the shape of other refusals: ${what}`, async () => {
      const answer = await rawRequest(url, '/reports/checkpoints/CKP_1/confirm', request);
      assert.equal(answer.status, status, answer.body);
      assert.equal(typeof JSON.parse(answer.body).message, 'string');
    });

  it('is refused in the shape of other refusals: a path that cannot be decoded', async () => {
    const { status, body } = await rawRequest(url, '/reports/%zz');
    assert.deepEqual([status, Object.keys(JSON.parse(body))], [400, ['detail', 'message']]);
  });
});
