import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BackfillCancelled,
  BackfillCompleted,
  type BackfillEvent,
  BackfillFailed,
  BackfillProgressed,
  BackfillRequested,
  BackfillRetried,
  BackfillStarted,
  type Instant,
} from '@crunch-node/streams';
import fc from 'fast-check';
import { isArchiveName } from './archive-name.ts';
import { readBackfillOrder, refuseCancel, refuseRetry, refuseWhileActive } from './decide.ts';
import { gridSecondsOf } from './grid.ts';
import { type BackfillJob, foldBackfill } from './job.ts';
import { backfillEtaSeconds, backfillPercent } from './progress.ts';

const feed = { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const at = (minute: number): Instant => `2024-01-01T00:${String(minute).padStart(2, '0')}:00.000000Z`;
const ids = { job_id: 'a' };
const requested = BackfillRequested.at(at(0), { ...ids, feed, start: at(0), end: at(40) });
const started = BackfillStarted.at(at(1), { ...ids, attempt: 1, cursor: at(0), pages_fetched: 0, records_written: 0 });
const progressed = BackfillProgressed.at(at(3), {
  ...ids,
  page: 2,
  cursor: at(10),
  records_written: 10,
  pages_fetched: 2,
});
const standing = { ...ids, cursor: at(10), records_written: 10, pages_fetched: 2 };
const failed = BackfillFailed.at(at(4), { ...standing, attempt: 1, error: 'gone' });
const retried = BackfillRetried.at(at(5), { ...standing, attempt: 2 });

const fold = (...events: readonly BackfillEvent[]): BackfillJob => {
  const job = events.reduce<BackfillJob | null>(foldBackfill, null);
  assert.ok(job);
  return job;
};

describe('a backfill job', () => {
  it('is folded from its events', () => {
    assert.deepEqual([fold(requested).status, fold(requested).cursor], ['pending', at(0)]);
    const running = fold(requested, started, progressed);
    assert.deepEqual([running.status, running.cursor, running.records_written], ['running', at(10), 10]);
    assert.deepEqual(
      [fold(requested, started, failed).error, fold(requested, started, failed).status],
      ['gone', 'failed'],
    );
    const again = fold(requested, started, progressed, failed, retried);
    assert.deepEqual([again.status, again.attempt, again.error, again.cursor], ['pending', 2, null, at(10)]);
    const done = fold(requested, started, BackfillCompleted.at(at(9), { ...ids, records_written: 40, cursor: at(40) }));
    assert.deepEqual([done.status, done.gap_count, done.updated_at], ['completed', 0, at(9)]);
    assert.equal(fold(requested, BackfillCancelled.at(at(2), { ...ids, records_written: 0 })).status, 'cancelled');
    assert.equal(foldBackfill(null, started), null);
  });

  it('has one end event for each attempt, with an id of its own', () => {
    const end = { ...ids, records_written: 0 };
    assert.equal(BackfillCancelled.at(at(2), { ...end, attempt: 1 }).id, failed.id);
    assert.equal(BackfillCancelled.at(at(2), end).id, 'backfill:a:ended');
    assert.equal(BackfillCancelled.at(at(2), { ...end, attempt: 2 }).id, 'backfill:a:ended:2');
  });

  it('shows its progress', () => {
    const running = fold(requested, started, progressed);
    assert.equal(backfillPercent(running), 25);
    assert.equal(backfillEtaSeconds(running), 360, 'two minutes for a quarter');
    assert.deepEqual([backfillPercent(fold(requested)), backfillEtaSeconds(fold(requested))], [0, null]);
    const early = fold(requested, started, BackfillCompleted.at(at(9), { ...ids, records_written: 1, cursor: at(10) }));
    assert.equal(backfillPercent(early), 100);
  });

  it('is the only one of its feed at a time', () => {
    const running = fold(requested, started);
    assert.equal(refuseWhileActive(feed, [running])?.http_status, 409);
    assert.equal(refuseWhileActive({ ...feed, subject: 'ETHUSDT' }, [running]), null);
    const gone = fold(requested, started, failed);
    assert.equal(refuseWhileActive(feed, [gone]), null);
    assert.deepEqual([refuseCancel(running), refuseCancel(gone)?.http_status], [null, 409]);
    assert.deepEqual([refuseRetry(gone, [gone]), refuseRetry(running, [running])?.http_status], [null, 409]);
    assert.equal(refuseRetry(gone, [gone, running])?.http_status, 409, 'another one is at work on the feed');
    assert.deepEqual([refuseCancel(undefined)?.http_status, refuseRetry(undefined, [])?.http_status], [404, 404]);
  });

  it('is requested with names that cannot leave their folder', () => {
    const order = { ...feed, start: at(0), end: at(1) };
    assert.ok(readBackfillOrder(order).ok);
    const hostile = fc.oneof(fc.string(), fc.constantFrom('..', '.', '.x', 'a/b', 'a\\b', '%2e', 'a\0', ''));
    fc.assert(
      fc.property(hostile, (name) => {
        const isPlain = /^[A-Za-z0-9._-]+$/.test(name) && !name.startsWith('.');
        assert.equal(isArchiveName(name), isPlain && name.length <= 128);
        assert.equal(readBackfillOrder({ ...order, subject: name }).ok, isArchiveName(name));
      }),
    );
    for (const end of [at(0), 'soon', 7, null, '9999-01-01T00:00:00.000000Z']) {
      assert.equal(readBackfillOrder({ ...order, end } as never).ok, false, String(end));
    }
  });

  it('has a grid where the granularity divides a day evenly', () => {
    const of = (kind: string, granularity: string) => gridSecondsOf({ kind, granularity });
    assert.deepEqual(
      [of('candle', '1s'), of('kline', '5m'), of('candle', '1h'), of('candle', '1d')],
      [1, 300, 3600, 86400],
    );
    for (const length of ['7m', '2d', '1w', '0m', 'x', '', '1M']) assert.equal(of('candle', length), null, length);
    assert.equal(of('tick', '1s'), null);
  });
});
