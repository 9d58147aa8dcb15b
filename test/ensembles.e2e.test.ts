import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exampleModels } from '@crunch-node/challenge';
import { enabledEnsembles, isEnsemble, scorePartitions } from '@crunch-node/domain';
import { recomputeLog, recordedEnsembles, underAnother } from '@crunch-node/operations/recompute';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import {
  type CheckpointCreated,
  checkpoints,
  type EnsembleSignalled,
  type EnsembleWeighted,
  type Event,
  feeds,
  isClosing,
  type LeaderboardRanked,
  leaderboards,
  predictions,
  type RoundPredicted,
  type RoundScored,
  type SnapshotTaken,
  type StreamDefinition,
  scores,
  signals,
  snapshots,
} from '@crunch-node/streams';
import {
  type Digests,
  digestsOf,
  eventsOf,
  freshNamespace,
  type Pipeline,
  runUndisturbed,
  startPipeline,
  syntheticFeed,
} from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

describe('ensembles, from predictions to their own ranking', () => {
  let servers: Servers;
  let pipeline: Pipeline;
  const expected: { digests?: Digests } = {};
  const config = {
    ensembles: [
      { name: 'main' },
      { name: 'top3', strategy: 'equal_weight' as const, filter: { top_n: 3 } },
      { name: 'off', enabled: false },
    ],
    metrics: ['ic', 'contribution', 'ensemble_correlation'],
    checkpoint_interval_seconds: 1_800,
  };
  const feed = syntheticFeed(45, 'ensembles');
  const where = () => ({ natsUrl: servers.nats.url, databaseUrl: servers.postgres.url, config, feed });
  before(async () => {
    servers = await startServers();
    const namespace = freshNamespace();
    pipeline = await startPipeline({ ...where(), namespace });
    await pipeline.finished();
    await pipeline.projected();
    expected.digests = await digestsOf(servers.nats.url, servers.postgres.url, namespace);
  });
  after(async () => {
    await pipeline.stop().catch(() => undefined);
    await servers.stop();
  });
  const published = async <E extends Event>(stream: StreamDefinition, type: E['type']): Promise<E[]> =>
    (await eventsOf(pipeline.log, stream)).filter((event) => event.type === type) as E[];

  it('signal every round of every scope, by the weights of two cycles before', async () => {
    const signalled = await published<EnsembleSignalled>(signals, 'EnsembleSignalled');
    const rounds = await published<RoundPredicted>(predictions, 'RoundPredicted');
    const asked = new Set(rounds.map(({ data }) => `${data.scope_key} ${data.performed_at}`));
    assert.equal(signalled.length, 2 * asked.size);
    const ends = (await eventsOf(pipeline.log, signals)).filter(isClosing).map(({ data }) => data.end);
    const weighted = await published<EnsembleWeighted>(leaderboards, 'EnsembleWeighted');
    const answers = new Map(
      rounds.flatMap(({ data }) =>
        data.predictions.map((one) => [
          `${data.scope_key} ${data.performed_at} ${one.model_id}`,
          one.inference_output.value,
        ]),
      ),
    );
    assert.ok(weighted.length > ends.length);
    for (const { data } of weighted) {
      const total = Object.values(data.weights).reduce((sum, weight) => sum + weight, 0);
      assert.ok(Math.abs(total - 1) < 1e-9, `${data.name} ${data.cycle_end} ${total}`);
      assert.ok(Object.keys(data.weights).every((id) => !isEnsemble(id)));
      if (data.name === 'top3') assert.ok(Object.keys(data.weights).length <= 3);
    }
    let withWeights = 0;
    for (const { data } of signalled) {
      const cycle = ends.findIndex((end) => end >= data.performed_at);
      const decided = ends[cycle - 2];
      const inForce = weighted.findLast(
        (one) => one.data.name === data.name && decided !== undefined && one.data.cycle_end <= decided,
      );
      assert.equal(data.weights_cycle_end, inForce?.data.cycle_end ?? null);
      if (inForce) withWeights++;
      const total = data.members.reduce((sum, { weight }) => sum + weight, 0);
      assert.ok(Math.abs(total - 1) < 1e-9);
      for (const { model_id, value } of data.members) {
        assert.equal(value, answers.get(`${data.scope_key} ${data.performed_at} ${model_id}`));
        if (inForce) assert.ok(model_id in inForce.data.weights);
      }
    }
    assert.ok(withWeights > 100);
  });

  it('score virtual models by the ground truth of their members, and rank them among themselves', async () => {
    const scored = await published<RoundScored>(scores, 'RoundScored');
    const truth = new Map<string, string>();
    for (const { data } of scored.filter(({ data }) => data.partition !== 'ensemble')) {
      if (data.ground_truth) truth.set(`${data.scope_key} ${data.performed_at}`, JSON.stringify(data.ground_truth));
    }
    const virtual = scored.filter(({ data }) => data.partition === 'ensemble' && data.ground_truth !== null);
    assert.ok(virtual.length > 150);
    for (const { at, data } of virtual) {
      assert.equal(JSON.stringify(data.ground_truth), truth.get(`${data.scope_key} ${data.performed_at}`));
      assert.ok(at >= data.resolvable_at);
    }
    const board = (await published<LeaderboardRanked>(leaderboards, 'LeaderboardRanked')).at(-1)!;
    assert.deepEqual(
      board.data.ensembles.map(({ rank }) => rank),
      [1, 2],
    );
    assert.deepEqual(
      board.data.entries.map(({ rank }) => rank),
      board.data.entries.map((_, i) => i + 1),
    );
    assert.ok(board.data.entries.every(({ model_id }) => !isEnsemble(model_id)));
    assert.ok(board.data.ensembles.every(({ model_id }) => isEnsemble(model_id)));
  });

  it('let models be compared with them, and pay them nothing', async () => {
    const taken = await published<SnapshotTaken>(snapshots, 'SnapshotTaken');
    const last = taken.filter(({ data }) => !isEnsemble(data.model_id)).slice(-5);
    for (const { data } of last) {
      assert.equal(typeof data.result_summary.contribution, 'number', data.unavailable.contribution);
      // A model whose answer is constant has no correlation with anything.
      const isConstant = /do not vary/.test(data.unavailable.ensemble_correlation ?? '');
      if (!isConstant) assert.equal(typeof data.result_summary.ensemble_correlation, 'number');
    }
    assert.ok(last.filter(({ data }) => 'ensemble_correlation' in data.result_summary).length > 2);
    assert.ok(last.some(({ data }) => data.result_summary.contribution !== 0));
    const created = await published<CheckpointCreated>(checkpoints, 'CheckpointCreated');
    assert.ok(created.length > 0);
    for (const { data } of created) {
      assert.ok(data.ranking.every(({ model_id }) => !isEnsemble(model_id)));
      assert.ok(data.emission.cruncher_rewards.every(({ model_id }) => !isEnsemble(model_id)));
    }
  });

  it('follow from FEEDS, PREDICTIONS and SIGNALS', async () => {
    const stages: CyclicStage[][] = [
      scorePartitions(pipeline.config).map((partition) => scoreStage(pipeline.config, partition)),
      [snapshotStage(pipeline.config)],
      [rankStage(pipeline.config)],
    ];
    assert.equal(enabledEnsembles(pipeline.config).length, 2);
    for (const stage of stages) {
      const verdict = await verifyCyclic(stage, pipeline.log, AbortSignal.timeout(120_000));
      assert.ok(verdict.cycles >= 45);
      assert.deepEqual(verdict.first, [], verdict.stream);
    }
  });

  it('publish the same in a second run', async () => assert.deepEqual(await runUndisturbed(where()), expected.digests));

  it('publish the same with nats-server killed and everything stopped and started again on the way', async () => {
    const namespace = freshNamespace();
    const first = await startPipeline({ ...where(), namespace });
    await first.cycles(6);
    await servers.nats.kill('SIGKILL');
    await servers.nats.restart();
    await first.cycles(20);
    await first.stop();
    const second = await startPipeline({ ...where(), namespace });
    await second.cycles(5);
    await servers.nats.kill('SIGKILL');
    await servers.nats.restart();
    await second.finished();
    await second.projected();
    await second.stop();
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected.digests);
  });

  it('answer in the cycles that closed under a configuration that has them, added and removed on a running log', async () => {
    const namespace = freshNamespace();
    const [main, late] = [{ name: 'main' }, { name: 'late', strategy: 'equal_weight' as const }];
    const begin = (configHash: string, ensembles: typeof config.ensembles, minutes: number, stateSeconds = 0.05) =>
      startPipeline({
        natsUrl: servers.nats.url,
        namespace,
        feed: syntheticFeed(minutes, 'added'),
        config: { ...config, metrics: ['ic'], ensembles },
        models: exampleModels,
        configHash,
        stateSeconds,
      });
    const runs: [string, typeof config.ensembles][] = [
      ['without', []],
      ['one', [main]],
      ['two', [main, late]],
      ['without', []],
    ];
    for (const [i, [hash, ensembles]] of runs.entries()) {
      const run = await begin(hash, ensembles, 6 * (i + 1));
      await run.finished();
      await run.stop();
    }
    // What was remembered is lost on the way.
    const last = await begin('one', [main], 32, 0);
    try {
      await last.finished();
      const cycles = (await eventsOf(last.log, feeds)).filter(isClosing).map(({ data }) => data);
      const hashes = [...new Set(cycles.map(({ config_hash }) => config_hash))];
      assert.deepEqual(hashes.sort(), ['one', 'two', 'without']);
      const cycleOf = (performed: string) => cycles.findIndex(({ end }) => end >= performed);
      const has = (name: string, cycle: number): boolean =>
        cycle >= 0 && ['two', ...(name === 'main' ? ['one'] : [])].includes(cycles[cycle]!.config_hash);
      const rounds = (await eventsOf(last.log, predictions)).filter(({ type }) => type === 'RoundPredicted');
      const asked = new Map(
        (rounds as RoundPredicted[]).map(({ data }) => [`${data.scope_key} ${data.performed_at}`, data.performed_at]),
      );
      const signalled = (await eventsOf(last.log, signals)).filter((event) => !isClosing(event)) as EnsembleSignalled[];
      for (const name of ['main', 'late']) {
        const answered = new Set(
          signalled
            .filter(({ data }) => data.name === name)
            .map(({ data }) => `${data.scope_key} ${data.performed_at}`),
        );
        for (const [round, performed_at] of asked) {
          const cycle = cycleOf(performed_at);
          if (has(name, cycle)) assert.ok(answered.has(round), `${name} left out ${round}`);
          // In the cycle in which it was removed it may have answered before.
          else if (!has(name, cycle - 1)) assert.ok(!answered.has(round), `${name} answered ${round}`);
        }
      }
      const closed = (await eventsOf(last.log, signals)).filter(isClosing).map(({ data }) => data.end);
      assert.deepEqual(
        closed,
        cycles.map(({ end }) => end),
      );
      const { configured } = await recordedEnsembles(last.log);
      const verified = (active: string, given: Pipeline['config']) =>
        recomputeLog(last.log, {
          config: given,
          from: 'feeds',
          pace: 'replay',
          signal: AbortSignal.timeout(60_000),
          isPast: underAnother(active, configured),
        });
      for (const [active, ensembles] of [['one', last.config.ensembles] as const, ['without', []] as const]) {
        const comparisons = await verified(active, { ...last.config, ensembles });
        const events = comparisons.find(({ stream }) => stream === 'SIGNALS');
        assert.deepEqual([events?.cycles, events?.skipped, events?.to_come], [cycles.length, 0, 0]);
        for (const { stream, first } of comparisons) assert.deepEqual(first, [], stream);
      }
    } finally {
      await last.stop();
    }
  });
});
