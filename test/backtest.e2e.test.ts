import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type BacktestRun, inProcess, recordsOf, runBacktest } from '@crunch-node/backtest';
import { exampleModels, tradingExampleModels } from '@crunch-node/challenge';
import { type CrunchDefinition, tradingDemoPack } from '@crunch-node/config';
import type { LocalModel } from '@crunch-node/models';
import { openReadModel } from '@crunch-node/projections';
import {
  type Event,
  leaderboards,
  predictions,
  type RoundPredicted,
  type RoundScored,
  type StreamDefinition,
  scores,
  snapshots,
} from '@crunch-node/streams';
import { lateModel } from './support/late-model.ts';
import { eventsOf, freshNamespace, startPipeline, syntheticFeed } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

/** Without partitions: they divide work, which a backtest does not. */
const predictionsOf = (rounds: readonly Event[]) =>
  new Map(
    rounds
      .filter(({ type }) => type === 'RoundPredicted')
      .flatMap((round) => (round as RoundPredicted).data.predictions.map((one) => [one.prediction_id, one] as const)),
  );
const outcomesOf = (rounds: readonly Event[]) =>
  new Map(
    rounds
      .filter(({ type }) => type === 'RoundScored')
      .flatMap(({ at, data }) => {
        const { ground_truth, outcomes } = data as RoundScored['data'];
        return outcomes.map((one) => [one.score_id, { at, ground_truth, ...one }] as const);
      }),
  );
const published = (events: readonly Event[]) => new Map(events.map((event) => [event.id, event]));

describe('a backtest', { timeout: 600_000 }, () => {
  let servers: Servers;
  before(async () => {
    servers = await startServers();
  });
  after(() => servers.stop());

  async function both(models: readonly LocalModel[], config: Partial<CrunchDefinition>, minutes: number) {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({
      natsUrl: servers.nats.url,
      databaseUrl: servers.postgres.url,
      namespace,
      models,
      config,
      feed: syntheticFeed(minutes, 'backtest'),
    });
    const own = new Map<string, Event[]>();
    let run: BacktestRun;
    const recorded = new Map<string, readonly Event[]>();
    let rows: readonly Record<string, unknown>[];
    try {
      await pipeline.finished();
      await pipeline.projected();
      for (const stream of [predictions, scores, snapshots, leaderboards] as readonly StreamDefinition[]) {
        recorded.set(stream.name, await eventsOf(pipeline.log, stream));
      }
      const readModel = openReadModel({ url: servers.postgres.url, schema: namespace.schema });
      rows = await readModel.db
        .selectFrom('leaderboard_entries')
        .selectAll()
        .where('kind', '=', 'model')
        .orderBy('cycle_end', 'desc')
        .orderBy('rank')
        .execute();
      await readModel.close();
      run = await runBacktest({
        config: pipeline.config,
        configHash: 'e2e',
        models: await inProcess(models),
        records: recordsOf(pipeline.config),
        onPublished: ({ name }, events) => own.set(name, [...(own.get(name) ?? []), ...events]),
      });
    } finally {
      await pipeline.stop();
    }
    return { run, own: (name: string) => own.get(name)!, recorded: (name: string) => recorded.get(name)!, rows };
  }

  it('has the figures of the pipeline to the last digit', async () => {
    const { run, own, recorded, rows } = await both([...exampleModels, lateModel], {}, 40);
    assert.deepEqual(predictionsOf(own('PREDICTIONS')), predictionsOf(recorded('PREDICTIONS')));
    assert.deepEqual(outcomesOf(own('SCORES')), outcomesOf(recorded('SCORES')));
    assert.ok(outcomesOf(own('SCORES')).size > 500);
    assert.deepEqual(published(own('SNAPSHOTS')), published(recorded('SNAPSHOTS')));
    assert.deepEqual(published(own('LEADERBOARDS')), published(recorded('LEADERBOARDS')));
    const { cycle_end, entries } = run.leaderboard!.data;
    const shown = rows.filter((row) => String(row.cycle_end) === String(rows[0]?.cycle_end));
    assert.equal(shown.length, entries.length, cycle_end);
    assert.deepEqual(
      shown.map(({ rank, model_id, score_metrics }) => ({
        rank: Number(rank),
        model_id,
        metrics: typeof score_metrics === 'string' ? JSON.parse(score_metrics) : score_metrics,
      })),
      entries.map(({ rank, model_id, score }) => ({ rank, model_id, metrics: score.metrics })),
    );
  });

  it('has them also where models trade', async () => {
    const trading = { ...tradingDemoPack, checkpoint_interval_seconds: 1_800, model_timeout_seconds: 3 };
    const { own, recorded } = await both(tradingExampleModels, trading, 20);
    assert.deepEqual(published(own('SNAPSHOTS')), published(recorded('SNAPSHOTS')));
    assert.deepEqual(published(own('LEADERBOARDS')), published(recorded('LEADERBOARDS')));
    assert.ok(own('SNAPSHOTS').length > 20);
  });
});
