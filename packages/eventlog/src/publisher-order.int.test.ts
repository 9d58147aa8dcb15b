import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog } from './connect.ts';
import { readNumbers } from './testing/read-numbers.ts';
import { serversUnderTest } from './testing/servers.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

const APPENDS = 20_000;
const KILLS = [0.2, 0.4, 0.6, 0.8];

for (const { title, binary, skip } of await serversUnderTest()) {
  describe(`order of appends on ${title}`, { skip }, () => {
    // A full window hides disorder and an idle one has none, so both the rate and the window vary.
    for (const [pace, burst] of [
      ['a few at a time', 20],
      ['all at once', APPENDS],
    ] as const) {
      it(`survives four kills of the server, ${pace}`, async () => {
        const server = await privateNats(binary === undefined ? {} : { binary });
        const log = await connectLog({ url: server.url, namespace: freshNamespace() });
        try {
          await log.ensureStreams([said]);
          const publisher = log.publisher();
          const appended: Promise<{ sequence: number }>[] = [];
          let done = 0;
          const restarts = (async () => {
            for (const kill of KILLS) {
              while (done < kill * APPENDS) await turn();
              await server.kill('SIGKILL');
              await server.restart();
            }
          })();
          for (let n = 0; n < APPENDS; n++) {
            const append = publisher.append(said, say('alice', n));
            append.then(
              () => done++,
              () => {},
            );
            appended.push(append);
            if (n % burst === 0) await turn();
          }
          const acknowledged = await Promise.all(appended);
          await restarts;
          assert.deepEqual(await readNumbers(log), [...Array(APPENDS).keys()]);
          assert.deepEqual(
            acknowledged.map(({ sequence }) => sequence),
            [...Array(APPENDS).keys()].map((n) => n + 1),
          );
        } finally {
          await log.close();
          await server.stop();
        }
      });
    }
  });
}
