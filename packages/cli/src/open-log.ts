import type { Environment } from '@crunch-node/config';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { namespaceOf } from '@crunch-node/streams';

/** The log of a deployment, as its environment describes it: the same for every process and command. */
export const openLog = (url: string, { values }: Environment): Promise<EventLog> =>
  connectLog({
    url,
    namespace: namespaceOf(values.CRUNCH_NAMESPACE),
    ...(values.LEASE_SECONDS !== undefined && { leaseSeconds: values.LEASE_SECONDS }),
    ...(values.NATS_REPLICAS !== undefined && { replicas: values.NATS_REPLICAS }),
  });
