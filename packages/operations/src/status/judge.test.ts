import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Standing } from '@crunch-node/stages';
import {
  isReplayOver,
  judgeLiveIngest,
  judgeProjection,
  judgeStage,
  type ProjectionLook,
  type StageLook,
} from './judge.ts';

const at = (minute: number): string => `2024-01-01T00:${String(minute).padStart(2, '0')}:00.000000Z`;
const patience = { frozenMs: 10_000 };
const standing = (more: Partial<Standing>): Standing => ({
  read: { FEEDS: 100, PREDICTIONS: 40 },
  closed: at(4),
  waits_for: ['predictions.0'],
  pending: 0,
  still_ms: 60_000,
  clock_ms: 1_000,
  ...more,
});
const look = (
  more: Partial<Omit<StageLook, 'standing'>> & { standing?: Partial<Standing> | null } = {},
): StageLook => ({
  owner: 'host:1',
  reached: at(4),
  newest: at(5),
  inputs: { FEEDS: 100, PREDICTIONS: 40 },
  ...more,
  standing: more.standing === null ? null : standing(more.standing ?? {}),
});

describe('the status of a stage', () => {
  it('is idle when it has read everything, however long ago', () => {
    const { activity, behind_messages, behind_seconds, waits_for, still_seconds } = judgeStage(look(), null, patience);
    assert.equal(activity, 'idle');
    assert.equal(behind_messages, 0);
    assert.equal(behind_seconds, 60);
    assert.deepEqual(waits_for, ['predictions.0']);
    assert.equal(still_seconds, null);
  });

  it('is idle while it has read ahead of an input without new messages', () => {
    const verdict = judgeStage(look({ inputs: { FEEDS: 5_000, PREDICTIONS: 40 } }), null, patience);
    assert.equal(verdict.activity, 'idle');
    assert.equal(verdict.behind_messages, 4_900);
  });

  it('is frozen when the closing it waits for is there and unread', () => {
    const unread = { inputs: { FEEDS: 100, PREDICTIONS: 41 } };
    assert.equal(judgeStage(look(unread), null, patience).activity, 'frozen');
    const { activity, still_seconds } = judgeStage(look({ ...unread, standing: { still_ms: 9_000 } }), null, patience);
    assert.equal(activity, 'working');
    assert.equal(still_seconds, 9);
  });

  it('is frozen when work in progress does not end', () => {
    const held = { pending: 1, waits_for: [] };
    assert.equal(judgeStage(look({ standing: held }), null, patience).activity, 'frozen');
    assert.equal(judgeStage(look({ standing: { ...held, still_ms: 5 } }), null, patience).activity, 'working');
  });

  it('is unowned without a lease, and still reports its progress', () => {
    const { activity, reached, behind_seconds, behind_messages } = judgeStage(look({ owner: null }), null, patience);
    assert.deepEqual([activity, reached, behind_seconds, behind_messages], ['unowned', at(4), 60, null]);
    assert.equal(judgeStage(look({ standing: null }), null, patience).activity, 'starting');
  });

  it('estimates the remaining time from two samples', () => {
    const before = look({ standing: { read: { FEEDS: 100 }, clock_ms: 1_000, waits_for: [] }, inputs: { FEEDS: 900 } });
    const now = look({ standing: { read: { FEEDS: 500 }, clock_ms: 3_000, waits_for: [] }, inputs: { FEEDS: 900 } });
    const verdict = judgeStage(now, before, patience);
    assert.equal(verdict.messages_per_second, 200);
    assert.equal(verdict.catch_up_seconds, 2);
  });
});

describe('a replay', () => {
  const left = (reached: string) => judgeStage(look({ owner: null, reached, newest: at(5) }), null, patience);
  it('is over once it has no owner and every cycle is closed, not before', () => {
    assert.equal(isReplayOver([left(at(5)), left(at(5))]), true);
    assert.equal(isReplayOver([left(at(5)), left(at(4))]), false);
    assert.equal(isReplayOver([left(at(5)), judgeStage(look({ reached: at(5) }), null, patience)]), false);
    assert.equal(isReplayOver([judgeStage(look({ owner: null, reached: null, newest: null }), null, patience)]), false);
  });
});

describe('the status of ingest, live', () => {
  const ingest = (owner: string | null) =>
    judgeStage(look({ owner, inputs: {}, standing: { read: {}, waits_for: [] } }), null, patience);

  it('is frozen when the end of a cycle is overdue', () => {
    assert.equal(judgeLiveIngest(ingest('a'), 5_000, 14_000, patience).activity, 'idle');
    const { activity, still_seconds } = judgeLiveIngest(ingest('a'), 5_000, 15_000, patience);
    assert.deepEqual([activity, still_seconds], ['frozen', 10]);
    assert.equal(judgeLiveIngest(ingest(null), 5_000, 15_000, patience).activity, 'unowned');
  });
});

describe('the status of a projection', () => {
  const seen = (more: Partial<ProjectionLook>): ProjectionLook => ({
    position: 10,
    last: 10,
    reached: at(4),
    newest: at(5),
    atMs: 0,
    ...more,
  });

  it('is idle at the end of its stream', () => {
    const { activity, behind_seconds, catch_up_seconds } = judgeProjection(seen({}), seen({}));
    assert.deepEqual([activity, behind_seconds, catch_up_seconds], ['idle', 0, 0]);
  });

  it('is working while it moves, and frozen when it does not', () => {
    const before = seen({ last: 50 });
    const moved = judgeProjection(seen({ position: 30, last: 50, atMs: 2_000 }), before);
    assert.deepEqual([moved.activity, moved.messages_per_second, moved.catch_up_seconds], ['working', 10, 2]);
    const still = judgeProjection(seen({ last: 50, atMs: 2_000 }), before);
    assert.deepEqual([still.activity, still.catch_up_seconds, still.still_seconds], ['frozen', null, 2]);
  });

  it('is frozen ahead of a log that has lost its end', () => {
    const ahead = seen({ position: 30, last: 20 });
    assert.equal(judgeProjection(ahead, null).activity, 'working', 'the log may have been looked at before it');
    assert.equal(judgeProjection({ ...ahead, atMs: 2_000 }, ahead).activity, 'frozen');
    assert.equal(judgeProjection(seen({ position: 30, last: 30, atMs: 2_000 }), ahead).activity, 'idle');
  });
});
