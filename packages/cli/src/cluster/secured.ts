/**
 * TLS and a user for each service on the private servers of `cluster --secure`: certificates, accounts and rules of access are
 * those of deploy/, so that what containers get is what was run.
 */

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Environment } from '@crunch-node/config';
import type { PostgresTls } from '@crunch-node/embedded';
import { type NatsUser, natsUsers } from '@crunch-node/pipeline';
import type { Namespace } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { certifiedAccounts } from '../accounts/render.ts';

const execute = promisify(execFile);
const deployed = (file: string): string => fileURLToPath(new URL(`../../../../deploy/${file}`, import.meta.url));

/** There is nothing to make certificates with. */
export class NoOpenssl extends CrunchError {
  override readonly name = 'NoOpenssl';
  override readonly code = 'no_openssl';
}

export interface Secured {
  /** appended to the configuration of the private server */
  readonly natsConfig: string;
  readonly postgresTls: PostgresTls;
  /** of the operator: for this process */
  readonly environment: Environment;
  /** variables of a process of a service */
  envFor(user: NatsUser): Readonly<Record<string, string>>;
}

/** @throws {NoOpenssl} */
export async function securedLog(dataDir: string, environment: Environment, namespace: Namespace): Promise<Secured> {
  const folder = resolve(dataDir, 'tls');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await execute('sh', [deployed('certificates.sh'), folder, 'nats', 'postgres', ...natsUsers], {
      // All processes run as the user who starts them.
      env: {
        ...process.env,
        SERVICE_UID: String(process.getuid?.() ?? 0),
        POSTGRES_UID: String(process.getuid?.() ?? 0),
      },
    });
  } catch (cause) {
    const { message, stderr } = cause as Error & { stderr?: string };
    throw new NoOpenssl(`expected openssl to make certificates: ${stderr?.trim() || message}`, { cause });
  }
  const credentialsOf = (user: NatsUser) => ({
    NATS_CA: join(folder, user, 'ca.crt'),
    NATS_CERT: join(folder, user, 'tls.crt'),
    NATS_KEY: join(folder, user, 'tls.key'),
  });
  return {
    natsConfig: certifiedAccounts(namespace, join(folder, 'nats')),
    postgresTls: { folder: join(folder, 'postgres'), accessRules: deployed('pg_hba.conf') },
    environment: { ...environment, values: { ...environment.values, ...credentialsOf('operator') } },
    envFor: (user) => ({ ...credentialsOf(user), NATS_INBOX_PREFIX: `_INBOX_${user}` }),
  };
}
