import {
  type Closing,
  type Cycle,
  closingSchema,
  defineClosedStream,
  defineEvent,
  type Event,
  instantOfMillis,
  millisOf,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import { defineStage } from '../definition/define-stage.ts';
import { fromEach, to } from '../definition/streams-of-stage.ts';

/** Minimal streams: numbers in, sums out. Several writers each, distinguished by partition. */
const numbered = (type: 'NumberDrawn' | 'SumMade', noun: string) =>
  defineEvent(type, {
    v: 1,
    data: Type.Object({ partition: Type.Integer(), n: Type.Integer(), scope_key: Type.String() }),
    id: ({ partition, scope_key, n }) => `${noun}:${partition}:${scope_key}:${n}`,
    natsSubject: ({ partition, scope_key }) => `${noun}.${partition}.${scope_key}`,
  });
const closed = (noun: string) =>
  defineEvent('CycleClosed', {
    v: 1,
    data: closingSchema({ partition: Type.Integer() }),
    id: ({ partition, end }) => `cycle:${noun}:${partition}:${millisOf(end)}`,
    natsSubject: ({ partition }) => `${noun}.${partition}`,
  });

export const NumberDrawn = numbered('NumberDrawn', 'draws');
export const DrawsClosed = closed('draws');
export const draws = defineClosedStream(
  'DRAWS',
  ['draws.*', 'draws.*.*'],
  [NumberDrawn, DrawsClosed],
  (partition: number) => `draws.${partition}`,
);
export const SumMade = numbered('SumMade', 'sums');
export const SumsClosed = closed('sums');
export const sums = defineClosedStream(
  'SUMS',
  ['sums.*', 'sums.*.*'],
  [SumMade, SumsClosed],
  (partition: number) => `sums.${partition}`,
);

export const minute = (n: number): string => instantOfMillis(n * 60_000);
export const cycleOf = (n: number): Cycle => ({
  start: n === 1 ? null : minute(n - 1),
  end: minute(n),
  config_hash: 'toy',
});
export const drawn = (partition: number, cycle: number, n: number, scope_key = 'a'): Event =>
  NumberDrawn.at(instantOfMillis(cycle * 60_000 - 60_000 + n), { partition, n, scope_key });
export const drawsClosed = (partition: number, cycle: number): Closing =>
  DrawsClosed.at(minute(cycle), { ...cycleOf(cycle), partition });

export const sumsClosed = (cycle: number, partition = 0): Event =>
  SumsClosed.at(minute(cycle), { ...cycleOf(cycle), partition });
/** Id of that event. */
export const closingId = (cycle: number, partition = 0): string => SumsClosed.idOf({ ...cycleOf(cycle), partition });

/** Sums what several partitions drew, per scope key; remembers the total. */
export function summing(out: number, partitions: readonly number[], seen: string[][] = []): CyclicStage<number> {
  return defineStage({
    reads: [fromEach(draws, partitions)],
    writes: to(sums, out),
    start: 0,
    react(total: number, cycle, events) {
      seen.push(events.map(({ id }) => id));
      let sum = total;
      const published = events.map(({ data: { n, scope_key } }) => {
        sum += n;
        return SumMade.at(cycle.end, { partition: out, n: sum, scope_key });
      });
      return { state: sum, events: [...published, SumsClosed.at(cycle.end, { ...cycle, partition: out })] };
    },
  });
}
