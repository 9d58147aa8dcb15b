import type { EventLog } from '@crunch-node/eventlog';
import type { Sample } from '@crunch-node/projections/testing';
import type { Event, StreamDefinition } from '@crunch-node/streams';

/** Appends a log, each stream in its order. */
export async function append(log: EventLog, samples: readonly Sample[]): Promise<void> {
  const publisher = log.publisher();
  await Promise.all(
    samples.map(({ stream, event, obs }) =>
      publisher.append(stream, { event, natsSubject: addressOf(stream, event), ...(obs && { obs }) }),
    ),
  );
  await publisher.close();
}

const addressOf = (stream: StreamDefinition, { type, data }: Event): string =>
  stream.events.find((definition) => definition.type === type)!.natsSubjectOf(data);
