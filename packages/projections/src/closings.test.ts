import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addSeconds, type Event, type Instant, PredictionsCycleClosed } from '@crunch-node/streams';
import fc from 'fast-check';
import { type ClosedCycles, type Placed, place } from './closings.ts';
import { recorded } from './testing/index.ts';

const START = '2026-11-21T19:00:00.000000Z';
const at = (minute: number): Instant => addSeconds(START, minute * 60);
const closedBy = (minute: number, writer = 0): Event => ({
  id: `${writer}:${minute}`,
  type: 'Said',
  v: 1,
  at: at(minute),
  data: { writer },
});
const closed = (minute: number, partition = 0): Event =>
  PredictionsCycleClosed.at(at(minute), { start: null, end: at(minute), config_hash: 'h', partition });
const publishedBy = (event: Event) => ({
  writer: String(
    (event.data as { partition?: number; writer?: number }).partition ?? (event.data as { writer: number }).writer,
  ),
  at: event.at,
});
function placedIn(events: readonly Event[], before: ClosedCycles = {}) {
  const placed: Placed[] = [];
  const closings = place(before, recorded(events), publishedBy, (one) => placed.push(one));
  return { placed, closings };
}
const lateIds = (events: readonly Event[]) =>
  placedIn(events)
    .placed.filter(({ late }) => late)
    .map(({ event }) => event.id);

describe('place', () => {
  it('calls late what follows the closing of its own cycle', () => {
    assert.deepEqual(lateIds([closedBy(1), closed(1), closedBy(1), closedBy(2)]), ['0:1']);
  });

  it('compares with the last closing of the same writer only', () => {
    assert.deepEqual(lateIds([closed(5, 0), closedBy(1, 1), closed(1, 1), closedBy(1, 1)]), ['1:1']);
  });

  it('never moves back on a repeated closing', () => {
    const { closings } = placedIn([closed(5), closed(3)]);
    assert.deepEqual(closings, { 0: at(5) });
  });

  it('gives the same result however the stream is cut into batches', () => {
    const anyEvent = fc.oneof(
      fc
        .record({ minute: fc.integer({ min: 0, max: 9 }), writer: fc.integer({ min: 0, max: 2 }) })
        .map((e) => closedBy(e.minute, e.writer)),
      fc
        .record({ minute: fc.integer({ min: 0, max: 9 }), writer: fc.integer({ min: 0, max: 2 }) })
        .map((e) => closed(e.minute, e.writer)),
    );
    fc.assert(
      fc.property(fc.array(anyEvent), fc.nat(), (events, cut) => {
        const whole = placedIn(events);
        const [head, tail] = [events.slice(0, cut), events.slice(cut)];
        const first = placedIn(head);
        const second = placedIn(tail, first.closings);
        const lateness = [...first.placed, ...second.placed].map(({ late }) => late);
        assert.deepEqual(
          lateness,
          whole.placed.map(({ late }) => late),
        );
        assert.deepEqual(second.closings, whole.closings);
      }),
    );
  });
});
