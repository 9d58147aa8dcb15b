import type { Event, Observations, StreamDefinition } from '@crunch-node/streams';

/** An event with its observations, and the stream it belongs to. */
export interface Sample {
  readonly stream: StreamDefinition;
  readonly event: Event;
  readonly obs?: Observations;
}
