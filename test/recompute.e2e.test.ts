import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { digestStreams } from '../packages/cli/src/digest-streams.ts';
import { isProven, recomputeLog } from '../packages/cli/src/recompute/recompute-log.ts';
import { type RecomputeFrom, recomputeFroms } from '../packages/cli/src/recompute/stages-behind.ts';
import { type WhatIf, whatIf } from '../packages/cli/src/recompute/what-if.ts';
import { freshNamespace, type Pipeline, startPipeline, syntheticFeed } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

/** Streams said anew from each point on. */
const behind: Readonly<Record<RecomputeFrom, readonly string[]>> = {
  feeds: ['SIGNALS', 'PREDICTIONS', 'SCORES', 'SNAPSHOTS', 'LEADERBOARDS', 'CHECKPOINTS'],
  predictions: ['SIGNALS', 'SCORES', 'SNAPSHOTS', 'LEADERBOARDS', 'CHECKPOINTS'],
  scores: ['SNAPSHOTS', 'LEADERBOARDS', 'CHECKPOINTS'],
  snapshots: ['LEADERBOARDS', 'CHECKPOINTS'],
};

describe('everything said anew', { timeout: 240_000 }, () => {
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

    it('ranks otherwise, from when it is said to hold, and writes nothing', async () => {
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
  });
});
