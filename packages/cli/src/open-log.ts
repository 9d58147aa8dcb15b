import type { Environment } from '@crunch-node/config';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import type { Logger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';

/**
 * The log of a deployment, as its environment describes it: the same for every process and command.
 * @param logger where warnings about the log go, default the standard error output
 */
export const openLog = (url: string, { values }: Environment, logger?: Logger): Promise<EventLog> =>
  connectLog({
    url,
    ...(logger && { onWarning: (warning: Error) => logger.warn({ err: warning }, warning.message) }),
    namespace: namespaceOf(values.CRUNCH_NAMESPACE),
    ...(values.LEASE_SECONDS !== undefined && { leaseSeconds: values.LEASE_SECONDS }),
    ...(values.NATS_REPLICAS !== undefined && { replicas: values.NATS_REPLICAS }),
  });
