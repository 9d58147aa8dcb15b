import { randomBytes } from 'node:crypto';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import {
  ConfigActivated,
  control,
  type Event,
  type Namespace,
  namespaceOf,
  type StreamDefinition,
} from '@crunch-node/streams';

export const freshNamespace = (): Namespace => namespaceOf(`t${randomBytes(6).toString('hex')}`);

/** A private log with an active configuration: cycles of a minute, replay pace, one partition. */
export interface OwnLog {
  readonly log: EventLog;
  /** a connection as of another process */
  connect(): Promise<EventLog>;
  /** Appends in order, each event to its address. */
  write(stream: StreamDefinition, events: readonly Event[]): Promise<void>;
  close(): Promise<void>;
}

export interface OwnLogOptions {
  readonly url: string;
  readonly streams: readonly StreamDefinition[];
  readonly at?: string;
  /** the active configuration, when not the default */
  readonly active?: Partial<ConfigActivated['data']>;
}

export async function openOwnLog({
  url,
  streams,
  at = '2024-01-01T00:00:00.000000Z',
  active = {},
}: OwnLogOptions): Promise<OwnLog> {
  const namespace = freshNamespace();
  const logs: EventLog[] = [];
  const connect = async (): Promise<EventLog> => {
    const log = await connectLog({ url, namespace, leaseSeconds: 1 });
    logs.push(log);
    return log;
  };
  const log = await connect();
  await log.ensureStreams([...streams, control]);
  const publisher = log.publisher();
  const write = async (stream: StreamDefinition, events: readonly Event[]): Promise<void> => {
    const addresses = new Map(stream.events.map(({ type, natsSubjectOf }) => [type, natsSubjectOf]));
    await Promise.all(
      events.map((event) => publisher.append(stream, { event, natsSubject: addresses.get(event.type)!(event.data) })),
    );
  };
  await write(control, [
    ConfigActivated.at(at, {
      revision: 0,
      config_hash: 'test',
      pace: 'replay',
      partitions: 1,
      cycle_seconds: 60,
      ensembles: [],
      config: {},
      ...active,
    }),
  ]);
  return {
    log,
    connect,
    write,
    async close() {
      await publisher.close();
      await Promise.all(logs.map((each) => each.close()));
    },
  };
}
