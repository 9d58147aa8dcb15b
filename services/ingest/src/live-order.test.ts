import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import { candleRecord } from '@crunch-node/feeds';
import { type Instant, instantOfMillis } from '@crunch-node/streams';
import fc from 'fast-check';
import { LiveOrder, type LiveOrderOptions, MAX_EMPTY_CYCLES } from './live-order.ts';

const MINUTE = 60_000;
const minute = (n: number): Instant => instantOfMillis(n * MINUTE);
const candle = (subject: string, n: number): FeedRecord =>
  candleRecord({ source: 'test', subject, kind: 'candle', granularity: '1m' }, (n - 1) * MINUTE, {
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 0,
  });

function orderOf(more: Partial<LiveOrderOptions> = {}) {
  const order = new LiveOrder({
    subjects: ['B', 'E'],
    cycleSeconds: 60,
    latenessSeconds: 30,
    closedTo: minute(0),
    origin: minute(0),
    resumedAtMs: 0,
    quietMicros: MINUTE * 1000 - 1,
    ...more,
  });
  return {
    publish(subject: string, n: number) {
      order.offer({ record: candle(subject, n), receivedMicros: 0 });
      order.confirm(subject, minute(n));
    },
    /** Everything due at a time (minutes), one word each. */
    at(n: number): string {
      const words: string[] = [];
      for (;;) {
        const step = order.next(n * MINUTE);
        if (step.kind === 'wait') return words.join(' ');
        words.push(
          step.kind === 'record'
            ? `${step.arrival.record.subject}${Date.parse(step.arrival.record.at) / MINUTE}`
            : `|${Date.parse(step.bounds.end) / MINUTE}`,
        );
      }
    },
    waitsUntil(n: number): number {
      const step = order.next(n * MINUTE);
      return step.kind === 'wait' ? step.untilMs / MINUTE : Number.NaN;
    },
  };
}

describe('the order of live records', () => {
  it('closes a boundary as soon as every subject has spoken', () => {
    const order = orderOf();
    order.publish('B', 1);
    assert.equal(order.at(1), 'B1');
    order.publish('E', 1);
    assert.equal(order.at(1.01), 'E1 |1');
  });

  it('never closes before its time, though the exchange be ahead of our clock', () => {
    const order = orderOf();
    order.publish('B', 1);
    order.publish('E', 1);
    assert.equal(order.at(0.99), 'B1 E1');
    assert.equal(order.waitsUntil(0.99), 1);
    assert.equal(order.at(1), '|1');
  });

  it('waits for a stalled subject for the lateness, then continues without it until it returns', () => {
    const order = orderOf();
    for (let n = 1; n <= 60; n++) {
      order.publish('B', n);
      assert.equal(order.at(n), `B${n}`);
      assert.equal(order.waitsUntil(n), n + 0.5);
      assert.equal(order.at(n + 0.5), `|${n}`);
    }
    for (let n = 1; n <= 61; n++) order.publish('E', n);
    const late = Array.from({ length: 61 }, (_, i) => `E${i + 1}`).join(' ');
    assert.equal(order.at(60.9), late, 'late records are published too');
    order.publish('B', 61);
    assert.equal(order.at(61), 'B61 |61');
  });

  it('holds a record back until the cycle before its own is closed', () => {
    const order = orderOf();
    order.publish('B', 1);
    order.publish('B', 2);
    assert.equal(order.at(1), 'B1');
    order.publish('E', 1);
    assert.equal(order.at(1.2), 'E1 |1 B2');
  });

  it('closes cycles in which no record is possible', () => {
    const order = orderOf({ quietMicros: 60 * MINUTE * 1000 - 1 });
    order.publish('B', 1);
    order.publish('E', 1);
    assert.equal(order.at(3), 'B1 E1 |1 |2 |3');
    assert.equal(order.waitsUntil(3), 4);
  });

  it('catches up with every boundary that was missed, in place', () => {
    const order = orderOf({ resumedAtMs: 100 * MINUTE });
    order.publish('B', 1);
    order.publish('B', 2);
    assert.equal(order.at(100), 'B1', 'nothing is given up before the lateness since it resumed');
    order.publish('E', 1);
    order.publish('E', 2);
    assert.equal(order.at(100), 'E1 |1 B2 E2 |2');
    assert.equal(order.at(100.5).split(' ').length, 98);
  });

  it('passes over the empty boundaries of a long outage', () => {
    const order = orderOf({ resumedAtMs: 10_000 * MINUTE });
    order.publish('B', 5_000);
    const words = order.at(10_000.5).split(' ');
    assert.deepEqual(words.slice(0, 3), ['B5000', '|5000', `|${10_001 - MAX_EMPTY_CYCLES}`]);
    assert.equal(words.at(-1), '|10000');
  });

  it('publishes every record before its closing unless it is late, closings ascending, for any order of arrival', () => {
    const event = fc.record({
      subject: fc.constantFrom('B', 'E'),
      steps: fc.integer({ min: 1, max: 3 }),
      waitMs: fc.integer({ min: 0, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(event), fc.integer({ min: 10, max: 300 }), (events, cycleSeconds) => {
        const order = new LiveOrder({
          subjects: ['B', 'E'],
          cycleSeconds,
          latenessSeconds: 30,
          closedTo: null,
          origin: minute(0),
          resumedAtMs: 0,
          quietMicros: 0,
        });
        const next: Record<string, number> = { B: 0, E: 0 };
        let nowMs = 0;
        let closedTo: Instant | null = null;
        const published: string[] = [];
        const drain = (): void => {
          for (;;) {
            const step = order.next(nowMs);
            if (step.kind === 'wait') {
              assert.ok(step.untilMs > nowMs);
              return;
            }
            if (step.kind === 'record') published.push(`${step.arrival.record.subject}${step.arrival.record.ts_event}`);
            else {
              assert.equal(step.bounds.start, closedTo);
              assert.ok(closedTo === null || step.bounds.end > closedTo);
              assert.ok(Date.parse(step.bounds.end) <= nowMs);
              closedTo = step.bounds.end;
            }
          }
        };
        for (const { subject, steps, waitMs } of events) {
          next[subject]! += steps;
          order.offer({ record: candle(subject, next[subject]!), receivedMicros: 0 });
          order.confirm(subject, minute(next[subject]!));
          nowMs += waitMs;
          drain();
        }
        nowMs = Math.max(...Object.values(next)) * MINUTE + 1_000_000;
        drain();
        assert.equal(published.length, events.length);
        for (const subject of ['B', 'E']) {
          const times = published.filter((word) => word.startsWith(subject)).map((word) => Number(word.slice(1)));
          assert.deepEqual(
            times,
            [...times].sort((a, b) => a - b),
          );
        }
      }),
    );
  });
});
