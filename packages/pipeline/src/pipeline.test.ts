import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PipelineShape, serviceNames, services, stagePartitions } from './index.ts';

const shape: PipelineShape = { partitions: 2, hasEnsembles: true, isTournament: false };
const shown = (given: PipelineShape) =>
  stagePartitions(given).map(
    ({ lease, closingSubject, inputs }) => `${lease}: ${inputs.map(({ name }) => name)} > ${closingSubject}`,
  );

describe('the pipeline', () => {
  it('has partitions in the order of the streams, each with its lease, closings and inputs', () =>
    assert.deepEqual(shown(shape), [
      'ingest:  > feeds.cycle',
      'predict.0: FEEDS > predictions.0',
      'predict.1: FEEDS > predictions.1',
      'ensemble: PREDICTIONS,LEADERBOARDS > signals.cycle',
      'score.0: FEEDS,PREDICTIONS > scores.0',
      'score.1: FEEDS,PREDICTIONS > scores.1',
      'score.ensemble: FEEDS,SIGNALS > scores.ensemble',
      'snapshot: SCORES > snapshots.cycle',
      'rank: SNAPSHOTS > leaderboards.cycle',
      'checkpoint: SNAPSHOTS > checkpoints.cycle',
    ]));

  it('has no ensembles where none are configured, and names a sole partition after its service', () =>
    assert.deepEqual(shown({ partitions: 1, hasEnsembles: false, isTournament: true }).slice(0, 3), [
      'ingest:  > feeds.cycle',
      'predict: ROUNDS > predictions.0',
      'score: ROUNDS,PREDICTIONS > scores.0',
    ]));

  it('owns partitions in every stage, and in no other service', () => {
    const owning = new Set(stagePartitions(shape).map(({ service }) => service));
    assert.deepEqual([...owning].sort(), services.flatMap(({ name, isStage }) => (isStage ? [name] : [])).sort());
    assert.equal(new Set(serviceNames).size, serviceNames.length);
  });
});
