/** A real competition through snapshot and rank: hundreds of models that come and go, thousands of ties. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  aggregateSnapshot,
  builtInMetrics,
  rankReact,
  rankStart,
  snapshotReact,
  snapshotStart,
} from '@crunch-node/domain';
import { byCodePoint, type Event, type LeaderboardRanked, type SnapshotTaken } from '@crunch-node/streams';
import { cyclesOf, plainValues, readScores, roundsOf, type ScoreRow } from './support/competition.ts';

const file = join(
  import.meta.dirname,
  '..',
  process.env.CRUNCH_DATA_DIR ?? '../shared/data',
  'competition/synth_subnet_scores_20250217_20250221.csv.gz',
);
const skip = existsSync(file) ? false : `SKIPPED: there are no scores at ${file}: set CRUNCH_DATA_DIR`;

const WINDOW_HOURS = 24;
const HOURS_AFTER = 30;
const rules = {
  aggregate_snapshot: aggregateSnapshot,
  aggregation: {
    windows: [
      { name: 'day', hours: WINDOW_HOURS },
      { name: 'two_days', hours: 48 },
    ],
    value_field: 'value',
    ranking_key: 'day',
    ranking_direction: 'asc' as const,
  },
  metrics: [...builtInMetrics.keys(), 'steadiness'],
  custom_metrics: { steadiness: 'mean(scores) / (std(scores) + 1e-9)' },
  metrics_every: 6,
  cycle_seconds: 3_600,
};

interface Outcome {
  readonly end: string;
  readonly events: readonly Event[];
  readonly board: LeaderboardRanked['data'] | undefined;
}

/** @param inOrder what is done to the rows of a cycle before they become rounds */
function run(rows: readonly ScoreRow[], inOrder: (rows: ScoreRow[]) => ScoreRow[]): Outcome[] {
  const [snapshot, rank] = [snapshotReact(rules), rankReact(rules)];
  let [taken, ranked] = [snapshotStart, rankStart];
  let board: LeaderboardRanked['data'] | undefined;
  return cyclesOf(rows, HOURS_AFTER).map(({ cycle, rows: ofCycle }) => {
    const summarised = snapshot(taken, cycle, roundsOf(inOrder(ofCycle)));
    const snapshots = backwards(
      summarised.events.filter((event): event is SnapshotTaken => event.type === 'SnapshotTaken'),
    );
    const published = rank(ranked, cycle, snapshots);
    [taken, ranked] = [summarised.state, published.state];
    board =
      published.events.find((event): event is LeaderboardRanked => event.type === 'LeaderboardRanked')?.data ?? board;
    return { end: cycle.end, events: [...summarised.events, ...published.events], board };
  });
}

const backwards = <T>(items: readonly T[]): T[] => [...items].reverse();

/** Another order each time, and always the same one. */
function shuffled<T>(items: readonly T[]): T[] {
  const mixed = [...items];
  let seed = items.length;
  for (let i = mixed.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const k = seed % (i + 1);
    [mixed[i], mixed[k]] = [mixed[k]!, mixed[i]!];
  }
  return mixed;
}

describe('a competition of hundreds of models', { skip }, () => {
  const rows = skip === false ? readScores(file) : [];
  const reported = skip === false ? run(rows, (ofCycle) => ofCycle) : [];

  it('ranks by the plain mean of the window, the lowest first, with ties in the documented order', () => {
    let [ties, dormant, most] = [0, 0, 0];
    for (const { end, board } of reported) {
      const plain = plainValues(rows, end, WINDOW_HOURS);
      const entries = board?.entries ?? [];
      assert.deepEqual(new Set(entries.map(({ model_id }) => model_id)), new Set(plain.keys()));
      most = Math.max(most, entries.length);
      entries.forEach(({ rank, model_id, score }, i) => {
        const expected = plain.get(model_id)!;
        const { value } = score.ranking;
        assert.equal(rank, i + 1);
        assert.equal(value === null, expected.value === null, `${model_id} at ${end}`);
        if (value !== null) assert.ok(Math.abs(value - expected.value!) < 1e-12, `${model_id} at ${end}`);
        dormant += Number(value === null);
        const before = entries[i - 1];
        if (before === undefined) return;
        const above = before.score.ranking.value;
        if (above !== value) {
          assert.ok(value === null || (above !== null && above < value), `${model_id} at ${end}`);
          return;
        }
        const earlier = plain.get(before.model_id)!;
        ties += 1;
        assert.ok((earlier.first_seen - expected.first_seen || byCodePoint(before.model_id, model_id)) < 0);
      });
    }
    assert.ok(most === new Set(rows.map(({ model_id }) => model_id)).size && most > 200, `${most} models`);
    assert.ok(ties > 1_000, `${ties} ties`);
    assert.ok(dormant > 1_000, `${dormant} times a model without a score in the window`);
  });

  it('knows models that came later, that left, and that came back', () => {
    const active = reported.map(
      ({ board }) =>
        new Set(board?.entries.filter(({ score }) => score.ranking.value !== null).map(({ model_id }) => model_id)),
    );
    const ids = [...new Set(rows.map(({ model_id }) => model_id))];
    const changes = ids.map((id) =>
      active
        .map((models) => Number(models.has(id)))
        .join('')
        .replaceAll(/(.)\1+/g, '$1'),
    );
    const count = (pattern: RegExp): number => changes.filter((change) => pattern.test(change)).length;
    assert.ok(count(/^01/) > 0, 'some came later');
    assert.equal(count(/10$/), ids.length, 'all left in the end');
    assert.ok(count(/101/) > 0, 'some came back');
  });

  it('has metrics of every model in their ranges, or a reason why not', () => {
    const snapshots = reported.flatMap(({ events }) =>
      events.filter((event): event is SnapshotTaken => event.type === 'SnapshotTaken'),
    );
    const seen = new Set<string>();
    for (const { data } of snapshots) {
      for (const name of rules.metrics) {
        const value = data.result_summary[name];
        if (value === undefined) assert.ok((data.unavailable[name] ?? '').length > 0, name);
        else {
          seen.add(name);
          assert.ok(typeof value === 'number' && Number.isFinite(value), `${name} is ${String(value)}`);
          if (['ic', 'fnc', 'model_correlation'].includes(name)) assert.ok(Math.abs(value) <= 1, name);
        }
      }
    }
    assert.deepEqual(
      rules.metrics.filter((name) => !seen.has(name)),
      ['contribution', 'ensemble_correlation'], // no ensembles here
    );
  });

  it('gives the same bytes for every order of the rows of a cycle', () =>
    assert.ok(JSON.stringify(run(rows, shuffled)) === JSON.stringify(reported), 'some byte differs'));
});
