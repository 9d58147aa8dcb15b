import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'nats.conf');

/** Users of `deploy/nats.conf` with their passwords in tests. */
export const deployedUsers = {
  services: 'services-password',
  observer: 'observer-password',
  signals: 'signals-password',
  sys: 'sys-password',
} as const;

/**
 * The accounts, users and permissions of `deploy/nats.conf`, to be appended to a test server's configuration.
 * @param namespace applied as the file instructs operators to
 */
export function deployedAccounts(namespace = ''): string {
  const text = readFileSync(file, 'utf8');
  const accounts = text
    .slice(text.indexOf('\naccounts {'))
    .replaceAll(/\$NATS_(\w+)_PASSWORD/g, (_, user: string) => `"${user.toLowerCase()}-password"`);
  if (namespace === '') return accounts;
  return accounts
    .replaceAll('"signals.>"', `"${namespace}.signals.>"`)
    .replaceAll('DIRECT.GET.SIGNALS', `DIRECT.GET.${namespace}_SIGNALS`);
}
