import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { privateNats } from '@crunch-node/embedded/testing';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { connectLog } from './connect.ts';
import { freshNamespace, Said, said, say } from './testing/toys.ts';

describe('subjects and ids of user text', () => {
  it('pass through a server unchanged', async () => {
    const server = await privateNats();
    const log = await connectLog({ url: server.url, namespace: freshNamespace() });
    try {
      await log.ensureStreams([said]);
      const publisher = log.publisher();
      let n = 0;
      const property = fc.asyncProperty(anyText(), async (speaker) => {
        const message = say(speaker, n++);
        const { sequence } = await publisher.append(said, message);
        const last = await log.last(said, Said.natsSubjectOf({ speaker, n }));
        assert.deepEqual(last?.event, message.event);
        assert.deepEqual([last?.sequence, last?.natsSubject], [sequence, message.natsSubject]);
        assert.equal(await log.messageId(said, sequence), message.event.id);
        for await (const batch of log.read(said, { after: sequence - 1, maxWaitMs: 0 })) {
          assert.deepEqual(batch.events[0]?.event, message.event);
          assert.equal(batch.events[0]?.natsSubject, message.natsSubject);
          assert.equal(batch.lastMessageId, message.event.id);
          break;
        }
      });
      const examples = ['', '.', '*', '>', 'a.b', 'a b', '\r\n', 'Nats-Msg-Id: x\r\n', '\0', ' ', '%', '🦆'];
      await fc.assert(property, { numRuns: 200, examples: examples.map((text): [string] => [text]) });
    } finally {
      await log.close();
      await server.stop();
    }
  });
});
