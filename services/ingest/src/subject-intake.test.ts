import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import { instantOfMillis } from '@crunch-node/streams';
import { type Newest, resumeAt, SubjectIntake } from './subject-intake.ts';

const tick = (ts_event: number, ordinal?: string): FeedRecord => ({
  source: 'test',
  subject: 'BTCUSDT',
  kind: 'tick',
  granularity: 'tick',
  at: instantOfMillis(ts_event),
  ts_event,
  values: { price: 1 },
  ...(ordinal !== undefined && { ordinal }),
});

function intakeAfter(newest: Newest | null) {
  const received: string[] = [];
  const intake = new SubjectIntake(newest, {
    accepts: ({ ts_event }) => ts_event < 1_000,
    deliver: ({ record }) => received.push(`${record.ts_event}${record.ordinal ?? ''}`),
    confirm: (upTo) => received.push(`to ${Date.parse(upTo)}`),
    duplicate: () => received.push('duplicate'),
  });
  const arrival = (ts_event: number, ordinal?: string) => ({ record: tick(ts_event, ordinal), receivedMicros: 0 });
  return { intake, received, arrival };
}

describe('what comes in for a subject', () => {
  it('is held back while the past is paged in, then follows in order', () => {
    const { intake, received, arrival } = intakeAfter(null);
    intake.takeLive(arrival(3));
    intake.confirmLive(instantOfMillis(3));
    intake.take(arrival(1));
    intake.take(arrival(2));
    intake.release();
    intake.takeLive(arrival(4));
    assert.deepEqual(received, ['1', '2', '3', 'to 3', '4']);
  });

  it('is a duplicate unless it is newer than the log, or another one of the same time', () => {
    const { intake, received, arrival } = intakeAfter(tick(5, 'a'));
    for (const one of [arrival(5, 'a'), arrival(4), arrival(5, 'b'), arrival(5, 'b'), arrival(6, 'a')])
      intake.take(one);
    assert.deepEqual(received, ['to 5', 'duplicate', 'duplicate', '5b', 'duplicate', '6a']);
  });

  it('continues between two trades of one time, by their numbers', () => {
    const newest = tick(5, '99');
    assert.equal(resumeAt(newest), 5);
    assert.equal(resumeAt(tick(5, 'a')), 6);
    assert.equal(resumeAt(tick(5)), 6);
    const { intake, received, arrival } = intakeAfter(newest);
    for (const id of ['98', '99', '100', '100', '101']) intake.take(arrival(5, id));
    assert.deepEqual(received, ['to 5', 'duplicate', 'duplicate', '5100', 'duplicate', '5101']);
  });

  it('does not let what is no record decide what is new', () => {
    const { intake, received, arrival } = intakeAfter(null);
    intake.take(arrival(9_999));
    intake.take(arrival(1));
    assert.deepEqual(received, ['1']);
  });
});
