/** Given a state, when a cycle closes with these events, then exactly these events are published. */
import assert from 'node:assert/strict';
import { type Cycle, canonicalOrder, type Event } from '@crunch-node/streams';
import type { React } from '../cyclic.ts';

export interface Given<S, Out extends Event> {
  then(events: readonly Out[]): void;
  /** for assertions on parts, and to continue from the state */
  readonly published: readonly Out[];
  readonly state: S;
  /** facts of one kind of event */
  data<T extends Out['type']>(type: T): Extract<Out, { type: T }>['data'][];
}

export const specification =
  <S, In extends Event, Out extends Event>(react: React<S, In, Out>) =>
  (start: S) => ({
    when(cycle: Cycle, events: readonly In[]): Given<S, Out> {
      const { state, events: published } = react(start, cycle, [...events].sort(canonicalOrder));
      return {
        published,
        state,
        // biome-ignore lint/suspicious/noThenProperty: reads as given, when, then; nothing awaits it
        then: (expected) => assert.deepEqual(published, expected),
        data: (type) =>
          published
            .filter((event): event is Extract<Out, { type: typeof type }> => event.type === type)
            .map((e) => e.data),
      };
    },
  });

/** JSON has no other numbers. */
export function assertFinite(value: unknown, path = ''): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is ${value}`);
  else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) assertFinite((value as Record<string, unknown>)[key], key);
  }
}

/** Events as they are stored: two runs are equal when these bytes are. */
export const bytes = (events: readonly Event[]): string => JSON.stringify(events);
