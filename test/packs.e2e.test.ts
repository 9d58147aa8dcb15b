/** Competitions of densities, intervals and quantiles, from the feed to the checkpoint. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { birdExampleModels, densityExampleModels, quantileExampleModels } from '@crunch-node/challenge';
import {
  birdDemoPackFor,
  type CrunchDefinition,
  densityDemoPackFor,
  intervalDemoPackFor,
  quantileDemoPackFor,
} from '@crunch-node/config';
import { privateNats } from '@crunch-node/embedded/testing';
import type { LocalModel } from '@crunch-node/models';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import {
  type CheckpointCreated,
  checkpoints,
  type EnsembleSignalled,
  type LeaderboardRanked,
  leaderboards,
  predictions,
  type RoundPredicted,
  type RoundScored,
  scores,
  signals,
} from '@crunch-node/streams';
import { eventsOf, freshNamespace, type Pipeline, startPipeline } from './support/pipeline.ts';

const SUBJECTS = ['BTCUSDT', 'ETHUSDT'];
const MINUTES = 40;

const competitions: readonly (readonly [string, CrunchDefinition, readonly LocalModel[], readonly string[]])[] = [
  ['density', densityDemoPackFor(SUBJECTS, '1m'), densityExampleModels, ['crps', 'log_score', 'relative_score']],
  [
    'interval',
    intervalDemoPackFor(SUBJECTS.slice(0, 1), '1m'),
    densityExampleModels,
    ['crps', 'direction', 'covered', 'interval_score'],
  ],
  ['bird', birdDemoPackFor(SUBJECTS, '1m'), birdExampleModels, ['log_score', 'crps']],
  [
    'quantile',
    quantileDemoPackFor(SUBJECTS.slice(0, 1), '1m'),
    quantileExampleModels,
    ['pinball', 'wis', 'coverage', 'crossings'],
  ],
];

const finite = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(finite);
};

describe('competitions of distributions', () => {
  let nats: Awaited<ReturnType<typeof privateNats>>;
  before(async () => {
    nats = await privateNats();
  });
  after(() => nats.stop());

  for (const [name, pack, models, columns] of competitions) {
    it(`${name}: models and ensembles are scored and ranked, a hostile answer fails alone, and all of it can be recomputed`, async () => {
      const pipeline = await startPipeline({
        natsUrl: nats.url,
        namespace: freshNamespace(),
        config: { ...pack, partitions: 2, checkpoint_interval_seconds: 1_200, model_timeout_seconds: 20 },
        models,
        feed: { count: String(MINUTES), seed: name },
      });
      try {
        await pipeline.finished();
        await checks(pipeline, models.length, columns);
      } finally {
        await pipeline.stop();
      }
    });
  }
});

async function checks({ log, config }: Pipeline, models: number, columns: readonly string[]): Promise<void> {
  const read = async <E>(stream: Parameters<typeof eventsOf>[1], type: string): Promise<E[]> =>
    (await eventsOf(log, stream)).filter((event) => event.type === type) as E[];
  const rounds = await read<RoundPredicted>(predictions, 'RoundPredicted');
  const failed = rounds.flatMap(({ data }) => data.predictions).filter(({ status }) => status === 'FAILED');
  assert.deepEqual([...new Set(failed.map(({ model_id }) => model_id))], [String(models)]);
  assert.ok(
    failed.some(({ reason }) => /expected/.test(reason ?? '')),
    'some answer was refused',
  );

  const scored = await read<RoundScored>(scores, 'RoundScored');
  const outcomes = scored.flatMap(({ data }) => data.outcomes);
  assert.deepEqual(
    outcomes.filter(({ outcome }) => outcome !== 'scored').map(({ failed_reason }) => failed_reason),
    [],
  );
  assert.ok(outcomes.every(({ result }) => finite(result)));

  const combined = (await read<EnsembleSignalled>(signals, 'EnsembleSignalled')).map(({ data }) => data);
  assert.ok(combined.length > 0);
  for (const { name, answer, members } of combined) assert.ok(answer !== undefined && members.length > 0, name);

  const board = (await read<LeaderboardRanked>(leaderboards, 'LeaderboardRanked')).at(-1)!.data;
  assert.deepEqual([board.entries.length, board.ensembles.length], [models, 2]);
  for (const { score } of [...board.entries, ...board.ensembles])
    for (const column of columns) assert.equal(typeof score.metrics[column], 'number', column);
  const ranked = board.entries.map(({ score }) => score.ranking.value!);
  const order = config.aggregation.ranking_direction === 'asc' ? 1 : -1;
  assert.deepEqual(
    ranked,
    [...ranked].sort((a, b) => order * (a - b)),
  );
  const [checkpoint] = await read<CheckpointCreated>(checkpoints, 'CheckpointCreated');
  assert.ok(checkpoint !== undefined && checkpoint.data.ranking.length === models);

  const stages: readonly CyclicStage[][] = [
    [...Array.from({ length: config.partitions }, (_, p) => scoreStage(config, p)), scoreStage(config, 'ensemble')],
    [snapshotStage(config)],
    [rankStage(config) as CyclicStage],
  ];
  for (const stage of stages) {
    const verdict = await verifyCyclic(stage, log, AbortSignal.timeout(60_000));
    assert.ok(verdict.cycles >= MINUTES, `${verdict.stream} has ${verdict.cycles} cycles`);
    assert.deepEqual(verdict.first, [], verdict.stream);
  }
}
