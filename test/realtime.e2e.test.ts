import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { realtimePack } from '@crunch-node/config';
import {
  type CheckpointCreated,
  checkpoints,
  type LeaderboardRanked,
  leaderboards,
  type RoundScored,
  scores,
} from '@crunch-node/streams';
import { eventsOf, freshNamespace, type Pipeline, startPipeline } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(
  resolve(root, process.env.CRUNCH_DATA_DIR ?? '../shared/data'),
  'market/binance_spot_btcusdt_1m_202401.csv.gz',
);
const skip = existsSync(file) ? false : `SKIPPED: needs ${file}, set CRUNCH_DATA_DIR to the folder with the data`;

describe('the realtime pack on real candles', { skip }, () => {
  let servers: Servers;
  let pipeline: Pipeline;
  before(async () => {
    servers = await startServers();
    pipeline = await startPipeline({
      natsUrl: servers.nats.url,
      databaseUrl: servers.postgres.url,
      namespace: freshNamespace(),
      config: {
        ...realtimePack,
        checkpoint_interval_seconds: 3_600,
        model_timeout_seconds: 1,
        feed: { ...realtimePack.feed, provider: 'replay' },
      },
      feed: { data: file, days: '0.125' },
    });
    await pipeline.finished();
    await pipeline.projected();
  });
  after(async () => {
    await pipeline?.stop();
    await servers.stop();
  });

  it('scores every answer whose horizon is over by the real change of the price', async () => {
    const scored = (await eventsOf(pipeline.log, scores)).filter(({ type }) => type === 'RoundScored') as RoundScored[];
    const outcomes = scored.flatMap(({ data }) =>
      data.outcomes.map((outcome) => ({ ...outcome, truth: data.ground_truth })),
    );
    assert.ok(outcomes.length > 150 * 8);
    for (const { outcome, result, truth, inference_output } of outcomes) {
      assert.equal(outcome, 'scored');
      const expected = Number(inference_output.value) * Number(truth?.profit) * 10_000;
      assert.ok(Math.abs(Number(result?.value) - expected) <= 1e-9 * Math.max(1, Math.abs(expected)));
      assert.equal(
        truth?.profit,
        (Number(truth?.resolved_price) - Number(truth?.entry_price)) / Number(truth?.entry_price),
      );
    }
  });

  it('ranks all models by the pack’s own window, best first', async () => {
    const ranked = (await eventsOf(pipeline.log, leaderboards)).filter(({ type }) => type === 'LeaderboardRanked');
    const { entries } = (ranked.at(-1) as LeaderboardRanked).data;
    assert.equal(entries.length, 9);
    const values = entries.map(({ score }) => score.ranking.value ?? Number.NEGATIVE_INFINITY);
    assert.deepEqual(
      values,
      [...values].sort((a, b) => b - a),
    );
    assert.ok(entries.every(({ score }) => score.ranking.key === 'score_recent'));
  });

  it('pays out exactly everything, every hour', async () => {
    const created = (await eventsOf(pipeline.log, checkpoints)).filter(({ type }) => type === 'CheckpointCreated');
    assert.equal(created.length, 3);
    for (const { data } of created as CheckpointCreated[]) {
      assert.equal(
        data.emission.cruncher_rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0),
        1_000_000_000,
      );
      assert.ok(data.merkle_root !== null);
    }
  });
});
