import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startNatsServer } from '@crunch-node/embedded';
import { smallDisk } from '@crunch-node/embedded/testing';
import { connectLog } from './connect.ts';
import { StreamFullError, StreamSilent } from './errors.ts';
import { serversUnderTest } from './testing/servers.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

for (const { title, binary, skip } of await serversUnderTest()) {
  describe(`a disk that is really full, ${title}`, { skip }, () => {
    // 2.9 takes the space free at its start as its limit: on such a small disk it never has room again.
    const counts = title.includes(' 2.9.') && 'nats-server 2.9 NEEDS MORE ROOM than a small disk has';
    it('is reported to appends, and loses nothing acknowledged once there is room again', {
      skip: counts,
    }, async (t) => {
      const disk = await smallDisk(12);
      if (disk === null) return t.skip('NOT PERMITTED to mount a small disk');
      const namespace = freshNamespace();
      const server = await startNatsServer({ binary: binary!, storeDir: `${disk.path}/nats` });
      try {
        const log = await connectLog({ url: server.url, namespace });
        await log.ensureStreams([said]);
        await disk.fill(5);
        const text = 'x'.repeat(60_000);
        let publisher = log.publisher({ ackTimeoutMs: 500, silentMs: 2_000 });
        let sequence = 0;
        let n = 0;
        const append = async (): Promise<void> => {
          ({ sequence } = await publisher.append(said, say('ann', n, { expectedLastSequence: sequence, text })));
          n += 1;
        };
        const fault: unknown = await (async () => {
          for (;;) await append();
        })().catch((error: unknown) => error);
        assert.ok(fault instanceof StreamFullError || fault instanceof StreamSilent, String(fault));
        assert.ok(n > 10, `${n} were stored`);

        await disk.makeRoom();
        // 2.15 disables the stream until a restart; 2.10 accepts messages as soon as there is room.
        if (fault instanceof StreamSilent) await server.restart();
        await publisher.close();
        publisher = log.publisher();
        // The last one may have been stored without an acknowledgement.
        const last = await log.last(said, 'said.ann');
        assert.ok(last !== null && last.sequence >= sequence, 'what was acknowledged is there');
        [sequence, n] = [last.sequence, last.event.data.n + 1];
        const wanted = n + 10;
        while (n < wanted) await append();
        const seen: number[] = [];
        for await (const batch of log.read(said, { after: 0 })) {
          seen.push(...batch.events.map(({ event }) => event.data.n));
          if (batch.lastSequence >= sequence) break;
        }
        assert.deepEqual(
          seen,
          Array.from({ length: wanted }, (_, i) => i),
        );
        await log.close();
      } finally {
        await server.stop();
        await disk.unmount();
      }
    });
  });
}
