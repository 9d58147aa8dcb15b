import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog } from './connect.ts';
import type { StoredMessage } from './log.ts';
import { rawClient } from './testing/publish-raw.ts';
import { serversUnderTest } from './testing/servers.ts';
import { freshNamespace, said } from './testing/toys.ts';

/**
 * Each of these headers would make a newer server refuse the message, drop it, expire it after a second, or remove
 * others.
 */
const INSTRUCTIONS: Readonly<Record<string, string>> = {
  'Nats-Expected-Stream': 'ANOTHER',
  'Nats-Expected-Last-Sequence': '99',
  'Nats-Expected-Last-Subject-Sequence': '99',
  'Nats-Expected-Last-Msg-Id': 'another',
  'Nats-TTL': '1s',
  'Nats-Rollup': 'all',
  'Nats-Incr': '+1',
  'Nats-Batch-Id': 'b',
  'Nats-Batch-Sequence': '1',
  'Nats-Batch-Commit': '1',
  'Nats-Schedule': '@every 1s',
  'Nats-Schedule-Target': 'said.bob',
  'Nats-Schedule-Next': 'purge',
  'Nats-Scheduler': 'said.bob',
  'Nats-Marker-Reason': 'Purge',
  'Nats-Stream-Source': 'S 1 > > said.bob',
  'Nats-Trace-Only': 'true',
  'Nats-Trace-Dest': 'said.trace',
};

for (const { title, binary, skip } of await serversUnderTest()) {
  describe(`a copy of a stream on ${title}`, { skip }, () => {
    it('stores every message at its own sequence and executes none of their header instructions', async () => {
      const server = await privateNats(binary === undefined ? {} : { binary });
      const namespace = freshNamespace();
      const log = await connectLog({ url: server.url, namespace });
      const raw = await rawClient(server.url);
      try {
        const instructed = Object.entries(INSTRUCTIONS).map(([name, value]) => ({ [name]: [value] }));
        const messages = [...instructed, {}].map(
          (headers, i): StoredMessage => ({
            sequence: i + 1,
            natsSubject: 'said.ann',
            headers: i % 2 === 0 ? { 'Nats-Msg-Id': [`id ${i}`], other: ['kept'], ...headers } : headers,
            payload: Buffer.from(`payload ${i}`),
            stored_us: 0,
          }),
        );
        const copy = await log.copyInto(said, { mark: 'a test', firstSequence: 1 });
        await copy.begin();
        await copy.write(messages, new Set());
        await copy.finish();
        const stored = await Promise.all(
          messages.map(async ({ sequence: seq }) => {
            const { message } = await raw.api<{ message: { data: string; hdrs?: string } }>(
              `STREAM.MSG.GET.${namespace.streamName('SAID')}`,
              { seq },
            );
            const lines = Buffer.from(message.hdrs ?? '', 'base64')
              .toString()
              .split('\r\n')
              .filter(Boolean)
              .slice(1);
            return [Buffer.from(message.data, 'base64').toString(), ...lines];
          }),
        );
        assert.deepEqual(
          stored,
          messages.map((_, i) => [`payload ${i}`, ...(i % 2 === 0 ? [`Nats-Msg-Id: id ${i}`, 'other: kept'] : [])]),
        );
      } finally {
        await raw.close();
        await log.close();
        await server.stop();
      }
    });
  });
}
