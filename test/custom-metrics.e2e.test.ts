/** An operator's own metrics from the configuration to the ranking, recomputed in every cycle. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { builtInMetrics, isEnsemble } from '@crunch-node/domain';
import { rankStage } from '@crunch-node/rank';
import { snapshotStage } from '@crunch-node/snapshot';
import { verifyCyclic } from '@crunch-node/stages';
import { type LeaderboardRanked, leaderboards, type SnapshotTaken, snapshots } from '@crunch-node/streams';
import { eventsOf, freshNamespace, type Pipeline, startPipeline, syntheticFeed } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

const metrics = [...builtInMetrics.keys(), 'sharpe', 'rounds'];

describe("an operator's own metrics", () => {
  let servers: Servers;
  let pipeline: Pipeline;
  before(async () => {
    servers = await startServers();
    const config = {
      custom_metrics: {
        sharpe: 'mean(scores) / (std(scores) + 1e-12)',
        rounds: ({ values }: { values: ArrayLike<number> }) => values.length,
      },
      metrics,
      metrics_every: 1,
      ensembles: [{ name: 'main' }],
      aggregation: { ranking_key: 'sharpe' },
    };
    const feed = syntheticFeed(40, 'custom-metrics');
    pipeline = await startPipeline({ natsUrl: servers.nats.url, namespace: freshNamespace(), config, feed });
    await pipeline.finished();
  });
  after(async () => {
    await pipeline?.stop().catch(() => undefined);
    await servers.stop();
  });

  it('are in the snapshots of every model, together with all built-in ones', async () => {
    const taken = (await eventsOf(pipeline.log, snapshots)).filter(({ type }) => type === 'SnapshotTaken');
    const last = new Map((taken as SnapshotTaken[]).map(({ data }) => [data.model_id, data]));
    assert.ok(last.size > 3);
    for (const { model_id, result_summary, unavailable } of last.values()) {
      for (const name of metrics) {
        // A model whose answer is constant has no correlation with anything.
        const isConstant = /do(es)? not vary/.test(unavailable[name] ?? '');
        if (!isEnsemble(model_id) && !isConstant)
          assert.equal(typeof result_summary[name], 'number', unavailable[name]);
      }
    }
  });

  it('rank models', async () => {
    const boards = (await eventsOf(pipeline.log, leaderboards)).filter(({ type }) => type === 'LeaderboardRanked');
    const values = (boards.at(-1) as LeaderboardRanked).data.entries.map(({ score }) => {
      assert.deepEqual([score.ranking.key, score.ranking.value], ['sharpe', score.metrics.sharpe]);
      return score.ranking.value ?? Number.NEGATIVE_INFINITY;
    });
    assert.deepEqual(
      values,
      [...values].sort((a, b) => b - a),
    );
    assert.ok(new Set(values).size > 1);
  });

  it('follow from SCORES alone when computed again', async () => {
    for (const stage of [snapshotStage(pipeline.config), rankStage(pipeline.config)]) {
      const verdict = await verifyCyclic([stage], pipeline.log, AbortSignal.timeout(120_000));
      assert.ok(verdict.cycles >= 40);
      assert.deepEqual(verdict.first, [], verdict.stream);
    }
  });
});
