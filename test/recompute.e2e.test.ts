import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isProven, recomputeLog } from '../packages/cli/src/recompute/recompute-log.ts';
import { type RecomputeFrom, recomputeFroms } from '../packages/cli/src/recompute/stages-behind.ts';
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
});
