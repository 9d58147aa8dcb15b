import type { JsonObject } from '@crunch-node/streams';
import { type EventLimit, fits, measuredRoom } from './event-room.ts';

/** Observations as they fit into an event: keys are left out, the last one first. */
export function fitMeasured(obs: JsonObject, limit: EventLimit): JsonObject {
  const room = measuredRoom(limit);
  const parts = Object.entries(obs);
  while (parts.length > 0 && !fits(Object.fromEntries(parts), room)) parts.pop();
  return parts.length === Object.keys(obs).length ? obs : Object.fromEntries(parts);
}
