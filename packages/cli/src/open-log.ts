import { readFileSync } from 'node:fs';
import type { Environment } from '@crunch-node/config';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import type { Logger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

/** A file of credentials or certificates that cannot be read. */
export class UnreadableCredentials extends CrunchError {
  override readonly name = 'UnreadableCredentials';
  override readonly code = 'credentials_unreadable';
}

/**
 * The log of a deployment, as its environment describes it: the same for every process and command.
 * @param logger where warnings about the log go, default the standard error output
 * @throws {UnreadableCredentials}
 */
export const openLog = async (url: string, { values }: Environment, logger?: Logger): Promise<EventLog> => {
  const { NATS_CREDS, NATS_CA, NATS_CERT, NATS_KEY, NATS_INBOX_PREFIX } = values;
  if ((NATS_CERT === undefined) !== (NATS_KEY === undefined)) {
    const missing = NATS_CERT === undefined ? 'NATS_CERT' : 'NATS_KEY';
    throw new UnreadableCredentials(`expected NATS_CERT and NATS_KEY together, received none of ${missing}`);
  }
  const tls = {
    ...(NATS_CA !== undefined && { ca: textOf('NATS_CA', NATS_CA) }),
    ...(NATS_CERT !== undefined && { cert: textOf('NATS_CERT', NATS_CERT) }),
    ...(NATS_KEY !== undefined && { key: textOf('NATS_KEY', NATS_KEY) }),
  };
  return connectLog({
    url,
    ...(logger && { onWarning: (warning: Error) => logger.warn({ err: warning }, warning.message) }),
    namespace: namespaceOf(values.CRUNCH_NAMESPACE),
    ...(values.LEASE_SECONDS !== undefined && { leaseSeconds: values.LEASE_SECONDS }),
    ...(values.NATS_REPLICAS !== undefined && { replicas: values.NATS_REPLICAS }),
    ...(NATS_CREDS !== undefined && { creds: textOf('NATS_CREDS', NATS_CREDS) }),
    ...(NATS_INBOX_PREFIX !== undefined && { inboxPrefix: NATS_INBOX_PREFIX }),
    ...(Object.keys(tls).length > 0 && { tls }),
  });
};

function textOf(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { message } = cause as Error;
    throw new UnreadableCredentials(`expected a file of ${variable} at ${path}: ${message}`, { cause });
  }
}
