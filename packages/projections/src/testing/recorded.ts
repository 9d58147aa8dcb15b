import type { Event, Observations } from '@crunch-node/streams';
import type { AppliedEvent } from '../closings.ts';

/** Events as a reader would deliver them, from sequence 1. */
export const recorded = <E extends Event>(
  events: readonly E[],
  obsOf: (event: E) => Observations | undefined = () => undefined,
): AppliedEvent<E>[] => events.map((event, index) => ({ event, obs: obsOf(event), sequence: index + 1 }));
