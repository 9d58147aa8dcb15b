import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import { byAtAndKey, candleRecord } from '@crunch-node/feeds';
import { type Instant, instantOfMillis } from '@crunch-node/streams';
import fc from 'fast-check';
import { boundaryAtOrAfter, boundaryBefore, withClosings } from './closing.ts';

const candle = (subject: string, minute: number): FeedRecord =>
  candleRecord({ source: 'test', subject, kind: 'candle', granularity: '1m' }, (minute - 1) * 60_000, {
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: 0,
  });
const minute = (n: number): Instant => instantOfMillis(Math.round(n * 60_000));

async function* from(records: readonly FeedRecord[]): AsyncIterable<FeedRecord> {
  yield* records;
}
/** One word per step: `B2` is a record of B at minute 2, `|3` the closing of minute 3 with the start before it. */
async function published(
  records: readonly FeedRecord[],
  cycleSeconds = 60,
  closedTo: Instant | null = null,
): Promise<string> {
  const words: string[] = [];
  const short = (at: Instant | null): string => (at === null ? '' : String(Date.parse(at) / 60_000));
  for await (const step of withClosings(from(records), { closedTo, cycleSeconds })) {
    if (step.kind === 'record') words.push(`${step.record.subject}${short(step.record.at)}`);
    else if (step.kind === 'closing') words.push(`${short(step.bounds.start)}|${short(step.bounds.end)}`);
  }
  return words.join(' ');
}

describe('closings among replayed records', () => {
  it('follow the records of their boundary', async () =>
    assert.equal(await published([candle('B', 1), candle('E', 1), candle('B', 2)]), 'B1 E1 |1 B2 1|2'));

  it('hold several records when cycles are long', async () =>
    assert.equal(
      await published(
        [1, 2, 3].map((n) => candle('B', n)),
        120,
      ),
      'B1 B2 |2 B3 2|4',
    ));

  it('are left out for boundaries without records before them', async () =>
    assert.equal(await published([candle('B', 1), candle('B', 61)]), 'B1 |1 B61 1|61'));

  it('are not published without any data', async () => assert.equal(await published([]), ''));

  it('continue after an interruption as if there had been none', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ subject: fc.constantFrom('B', 'E', 'S'), at: fc.integer({ min: 1, max: 30 }) })),
        fc.integer({ min: 30, max: 400 }),
        fc.nat(),
        async (given, cycleSeconds, interruption) => {
          const records = given.map(({ subject, at }) => candle(subject, at)).sort(byAtAndKey);
          const whole = (await published(records, cycleSeconds)).split(' ');
          const before = whole.slice(0, whole.length === 0 ? 0 : interruption % whole.length);
          const closing = before.findLastIndex((word) => word.includes('|'));
          const end = before[closing]?.split('|')[1];
          const after = await published(records, cycleSeconds, end === undefined ? null : minute(Number(end)));
          assert.equal([...before.slice(0, closing + 1), after].join(' ').trim(), whole.join(' '));
        },
      ),
    ));

  it('ascend, link to each other, and come after every record of theirs', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ subject: fc.constantFrom('B', 'E'), at: fc.integer({ min: 1, max: 50 }) })),
        fc.integer({ min: 30, max: 400 }),
        async (given, cycleSeconds) => {
          const records = given.map(({ subject, at }) => candle(subject, at)).sort(byAtAndKey);
          let closedTo: Instant | null = null;
          let open = false;
          for await (const step of withClosings(from(records), { closedTo: null, cycleSeconds })) {
            if (step.kind === 'passed') assert.fail('nothing was closed before');
            if (step.kind === 'record') {
              assert.ok(closedTo === null || step.record.at > closedTo);
              open = true;
            } else {
              assert.equal(step.bounds.start, closedTo);
              assert.ok(closedTo === null || step.bounds.end > closedTo);
              assert.ok(open, 'a cycle without a record is not closed');
              closedTo = step.bounds.end;
              open = false;
            }
          }
          assert.ok(!open, 'the data ends with a closing');
        },
      ),
    ));
});

it('finds the boundaries around an instant', () => {
  assert.equal(boundaryAtOrAfter(minute(2), 120), minute(2));
  assert.equal(boundaryAtOrAfter('1970-01-01T00:02:00.000001Z', 120), minute(4));
  assert.equal(boundaryBefore(minute(2), 120), minute(0));
  assert.equal(boundaryBefore('1970-01-01T00:02:00.000001Z', 120), minute(2));
});
