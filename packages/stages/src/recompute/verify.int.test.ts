import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NatsServer } from '@crunch-node/embedded';
import { privateNats } from '@crunch-node/embedded/testing';
import { runCyclic } from '../cyclic/cyclic-loop.ts';
import { openBench } from '../testing/bench.ts';
import { closingId, drawn, draws, drawsClosed, summing, sums } from '../testing/toys.ts';
import { verifyCyclic } from './verify.ts';

describe('recomputing', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  it('accepts a log that follows from its inputs, and reports what does not', async () => {
    const bench = await openBench(server.url, [draws, sums]);
    try {
      await bench.write(draws, [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 2), drawn(0, 2, 3), drawsClosed(0, 2)]);
      const stop = new AbortController();
      const loop = runCyclic([summing(0, [0])], bench.context(stop.signal));
      await bench.untilLast(sums, 'sums.0', closingId(2));
      stop.abort();
      await loop.catch(() => undefined);

      const same = await verifyCyclic([summing(0, [0])], bench.log, AbortSignal.timeout(20_000));
      assert.deepEqual(same, { stream: 'SUMS', cycles: 2, events: 5, differences: 0, first: [] });

      const changed = { ...summing(0, [0]), initial: () => 10 };
      const other = await verifyCyclic([changed], bench.log, AbortSignal.timeout(20_000));
      assert.deepEqual(
        other.first.map(({ kind, event_id }) => `${kind} ${event_id}`),
        [
          'missing sums:0:a:11',
          'unexpected sums:0:a:1',
          'missing sums:0:a:13',
          'missing sums:0:a:16',
          'unexpected sums:0:a:3',
          'unexpected sums:0:a:6',
        ],
      );
    } finally {
      await bench.close();
    }
  });
});
