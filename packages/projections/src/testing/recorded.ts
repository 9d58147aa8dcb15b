import type { Event, Observations } from '@crunch-node/streams';
import type { Recorded } from '../closings.ts';

/** Events as a reader would deliver them, from sequence 1. */
export const recorded = <E extends Event>(
  events: readonly E[],
  obsOf: (event: E) => Observations | undefined = () => undefined,
): Recorded<E>[] => events.map((event, index) => ({ event, obs: obsOf(event), sequence: index + 1 }));
