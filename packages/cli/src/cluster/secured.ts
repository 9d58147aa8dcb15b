/** TLS and a user for each service on the private nats-server of `cluster --secure`: the topology of a real deployment. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '@crunch-node/config';
import { type NatsUser, natsUsers } from '@crunch-node/pipeline';
import type { Namespace } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { accountsConfig } from '../accounts/render.ts';

const execute = promisify(execFile);
const DAYS = '30';

/** There is nothing to make certificates with. */
export class NoOpenssl extends CrunchError {
  override readonly name = 'NoOpenssl';
  override readonly code = 'no_openssl';
}

export interface Secured {
  /** appended to the configuration of the private server */
  readonly natsConfig: string;
  /** of the operator: for this process */
  readonly environment: Environment;
  /** the same address with the user of a service */
  urlFor(user: NatsUser, natsUrl: string): string;
  /** variables of a process of a service */
  envFor(user: NatsUser, natsUrl: string): Readonly<Record<string, string>>;
}

/** @throws {NoOpenssl} */
export async function securedLog(dataDir: string, environment: Environment, namespace: Namespace): Promise<Secured> {
  const folder = resolve(dataDir, 'tls');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [cert, key] = [join(folder, 'nats.crt'), join(folder, 'nats.key')];
  try {
    // Its own authority: no other certificate is trusted.
    await execute('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', DAYS],
      ...['-subj', '/CN=crunch-node', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', key, '-out', cert],
    ]);
  } catch (cause) {
    throw new NoOpenssl(`expected openssl to make a certificate: ${(cause as Error).message}`, { cause });
  }
  const passwords = new Map(natsUsers.map((user) => [user, randomBytes(18).toString('base64url')]));
  const passwordOf = (user: NatsUser): string => passwords.get(user) ?? '';
  const urlFor = (user: NatsUser, natsUrl: string): string =>
    natsUrl.replace(/^nats:\/\/(?:[^@/]*@)?/, `nats://${user}:${passwordOf(user)}@`);
  return {
    natsConfig: [
      accountsConfig(namespace, passwordOf),
      `tls { cert_file: ${JSON.stringify(cert)}, key_file: ${JSON.stringify(key)} }`,
    ].join('\n'),
    environment: { ...environment, values: { ...environment.values, NATS_CA: cert } },
    urlFor,
    envFor: (user, natsUrl) => ({
      NATS_URL: urlFor(user, natsUrl),
      NATS_CA: cert,
      NATS_INBOX_PREFIX: `_INBOX_${user}`,
    }),
  };
}
