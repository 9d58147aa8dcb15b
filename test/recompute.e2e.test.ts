import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { digestStreams } from '@crunch-node/operations/digest-streams';
import {
  isProven,
  openBeside,
  type RecomputeFrom,
  recomputeFroms,
  recomputeLog,
  type WhatIf,
  whatIf,
} from '@crunch-node/operations/recompute';
import { createClosers, createLogger } from '@crunch-node/service';
import { freshNamespace, type Pipeline, startPipeline, syntheticFeed } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

/** Streams recomputed from each point on. */
const behind: Readonly<Record<RecomputeFrom, readonly string[]>> = {
  feeds: ['SIGNALS', 'PREDICTIONS', 'SCORES', 'SNAPSHOTS', 'LEADERBOARDS', 'CHECKPOINTS'],
  predictions: ['SIGNALS', 'SCORES', 'SNAPSHOTS', 'LEADERBOARDS', 'CHECKPOINTS'],
  scores: ['SNAPSHOTS', 'LEADERBOARDS', 'CHECKPOINTS'],
  snapshots: ['LEADERBOARDS', 'CHECKPOINTS'],
};

describe('a complete recomputation', { timeout: 1_200_000 }, () => {
  let servers: Servers;
  let pipeline: Pipeline;
  before(async () => {
    servers = await startServers();
    pipeline = await startPipeline({
      natsUrl: servers.nats.url,
      namespace: freshNamespace(),
      config: {
        ensembles: [{ name: 'main' }, { name: 'top3', strategy: 'equal_weight', filter: { top_n: 3 } }],
        metrics: ['ic', 'contribution'],
      },
      feed: syntheticFeed(60, 'recompute'),
    });
    await pipeline.finished();
  });
  after(async () => {
    await pipeline?.stop().catch(() => undefined);
    await servers?.stop();
  });
  const again = (from: RecomputeFrom, config = pipeline.config) =>
    recomputeLog(pipeline.log, { config, from, pace: 'replay', signal: AbortSignal.timeout(120_000) });

  for (const from of recomputeFroms) {
    it(`equals what is recorded, from ${from} on`, async () => {
      const comparisons = await again(from);
      assert.deepEqual(comparisons.map(({ stream }) => stream).sort(), [...behind[from]].sort());
      for (const { stream, cycles, events, first } of comparisons) {
        assert.ok(cycles >= 60 && events >= cycles, `${stream}: ${cycles} cycles, ${events} events`);
        assert.deepEqual(first, [], stream);
      }
      assert.ok(isProven(comparisons));
    });
  }

  it('is compared as far as stages have come, also while they are at work', async () => {
    const { log, config } = pipeline;
    // Partitions run ahead of each other on a busy machine, and none scores what is not predicted yet.
    const share = (name: string): number =>
      ['FEEDS', 'CONTROL'].includes(name) ? 1 : name === 'PREDICTIONS' ? 0.95 : 0.3;
    const earlier: typeof log = {
      ...log,
      async info(stream) {
        const found = await log.info(stream);
        return { ...found, lastSequence: Math.floor(found.lastSequence * share(stream.name)) };
      },
    };
    const signal = AbortSignal.timeout(120_000);
    const comparisons = await recomputeLog(earlier, { config, from: 'feeds', pace: 'replay', signal });
    for (const { stream, cycles, to_come, first } of comparisons) {
      assert.ok(cycles > 0 && to_come > 0, `${stream}: ${cycles} cycles, ${to_come} to come`);
      assert.deepEqual(first, [], stream);
    }
  });

  it('differs from there on when the code does', async () => {
    const { scoring_function } = pipeline.config;
    const comparisons = await again('predictions', {
      ...pipeline.config,
      scoring_function: (prediction, truth) => {
        const score = scoring_function(prediction, truth);
        return { ...score, value: Number(score.value) * 2 };
      },
    });
    const [scores, snapshots] = ['SCORES', 'SNAPSHOTS'].map((name) =>
      comparisons.find(({ stream }) => stream === name),
    );
    assert.equal(scores?.first[0]?.kind, 'different');
    assert.equal(scores.first[0].recomputed?.id, scores.first[0].recorded?.id);
    assert.ok(snapshots && snapshots.differences > 0);
    assert.ok(!isProven(comparisons));
  });

  describe('under another configuration', () => {
    const ask = (options: Partial<Parameters<typeof whatIf>[1]> = {}) =>
      whatIf(pipeline.log, {
        config: pipeline.config,
        pace: 'replay',
        signal: AbortSignal.timeout(120_000),
        ...options,
      });
    const reversed = () => {
      const { aggregation } = pipeline.config;
      return { ...pipeline.config, aggregation: { ...aggregation, ranking_direction: 'asc' as const } };
    };
    const ranks = (found: WhatIf, side: 'published' | 'otherwise') =>
      found.ranking.map((change) => `${change[side]?.rank} ${change.model_id}`).sort();

    it('is what was published when it is the same', async () => {
      const found = await ask();
      assert.ok(found.ranking.length > 2 && found.rewards.length > 2);
      assert.deepEqual(ranks(found, 'otherwise'), ranks(found, 'published'));
      assert.ok(found.rewards.every(({ published, otherwise }) => published === otherwise));
      assert.ok(found.ranking.every(({ model_name }) => model_name !== null));
    });

    it('ranks differently from the given moment on, and writes nothing', async () => {
      const before = await digestStreams(pipeline.log);
      const found = await ask({ config: reversed() });
      const order = (side: 'published' | 'otherwise') =>
        [...found.ranking].sort((a, b) => a[side]!.rank - b[side]!.rank).map(({ published }) => published!.score);
      assert.deepEqual(order('otherwise'), order('published').toReversed());
      const [first, last] = [await ask({ to: found.at!, from: found.at! }), found.at!];
      assert.deepEqual(ranks(first, 'otherwise'), ranks(first, 'published'));
      assert.ok(first.streams.every(({ differences, skipped }) => differences === 0 && skipped > 0));
      assert.equal(first.at, last);
      assert.deepEqual(await digestStreams(pipeline.log), before);
    });

    it('is served in addition to the published one, from servers of its own', async () => {
      const before = await digestStreams(pipeline.log);
      const closers = createClosers(30_000);
      try {
        const config = reversed();
        const logger = createLogger('silent');
        const beside = await openBeside({ config, port: 0, version: '0.1.0', logger, closers, print: () => undefined });
        const found = await ask({ config, onRecomputed: (by, _closing, events) => beside.append(by, events) });
        const url = await beside.show(pipeline.log);
        const answer = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
        const board = await answer<{ rank: number; model_id: string; model_name: string }[]>('/reports/leaderboard');
        assert.deepEqual(board.map(({ rank, model_id }) => `${rank} ${model_id}`).sort(), ranks(found, 'otherwise'));
        assert.notDeepEqual(ranks(found, 'otherwise'), ranks(found, 'published'));
        assert.ok(board.every(({ model_name }) => typeof model_name === 'string'));
        for (const path of [
          '/reports/predictions?limit=1',
          '/reports/feeds',
          '/reports/checkpoints',
          '/signals/ensemble',
        ])
          assert.ok((await answer<object[]>(path)).length > 0, path);
        const refused = await fetch(`${url}/reports/checkpoints/x/confirm`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"tx_hash":"0x1"}',
        });
        assert.equal(refused.status, 503, 'it only reads');
      } finally {
        assert.deepEqual(await closers.close(), []);
      }
      assert.deepEqual(await digestStreams(pipeline.log), before);
    });
  });
});
