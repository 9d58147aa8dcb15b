import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupsOf, type StageRow, type Status, stagesOf, summary } from './pipeline.ts';

const row = (service: string, partition: string, more: Partial<StageRow> = {}): StageRow => ({
  service,
  partition,
  owner: 'host:1',
  activity: 'idle',
  reached: '2026-01-01T00:02:00.000000Z',
  behind_seconds: 0,
  behind_messages: 0,
  messages_per_second: null,
  catch_up_seconds: null,
  waits_for: [],
  still_seconds: null,
  ...more,
});
const status = (stages: StageRow[], more: Partial<Status> = {}): Status => ({
  at: '2026-01-01T00:02:00.000000Z',
  pace: 'live',
  stages,
  projections: [],
  postgres: null,
  generations: [],
  streams: [],
  instances: {},
  process: { host: 'h', pid: 1, uptime_seconds: 1, cpu_percent: 1, memory_bytes: 1 },
  ...more,
});

describe('the pipeline as it is drawn', () => {
  it('puts the partitions of a service together: the worst state, the largest lag, what all have reached', () => {
    const behind = { activity: 'frozen' as const, behind_seconds: 60, reached: '2026-01-01T00:01:00.000000Z' };
    const stages = stagesOf([row('score', '0'), row('ingest', 'all'), row('score', '1', behind), row('own', 'a')]);
    assert.deepEqual(
      stages.map(({ service }) => service),
      ['ingest', 'score', 'own'],
    );
    const { activity, behind_seconds, reached, partitions } = stages[1]!;
    assert.deepEqual([activity, behind_seconds, reached, partitions.length], ['frozen', 60, behind.reached, 2]);
    assert.equal(stagesOf([row('rank', '0', { reached: null, behind_seconds: null })])[0]?.reached, null);
  });

  it('has one line for partitions that differ in their names only', () => {
    const rows = ['0', '1', '2', '4', 'ensemble'].map((name) => row('score', name));
    const groups = groupsOf([...rows, row('score', '3', { activity: 'working' })]);
    assert.deepEqual(
      groups.map(({ names }) => names),
      ['0–2, 4, ensemble', '3'],
    );
  });

  it('names what is late in a sentence', () => {
    assert.equal(summary(status([row('rank', '0')])), 'Everything has caught up.');
    assert.equal(summary(status([row('rank', '0', { activity: 'working' })])), 'Everything moves.');
    assert.equal(summary(status([])), 'No configuration is active yet.');
    assert.match(summary(status([row('rank', '0', { activity: 'stopped' })])), /replay is over/);
    const late = status([row('score', '1', { activity: 'frozen' }), row('rank', '0', { activity: 'unowned' })], {
      postgres: 'away',
    });
    assert.equal(summary(late), 'Score is frozen, rank is without an owner, Postgres cannot be asked.');
  });
});
