import { chmod, chown, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunAs } from './owned-process.ts';

export interface PostgresTls {
  /** with ca.crt, tls.crt and tls.key */
  readonly folder: string;
  /** a pg_hba.conf; default: the one of the cluster */
  readonly accessRules?: string;
}

/** Arguments of the server, and what an address needs so that clients check the certificate. */
export async function tlsOf(
  dataDir: string,
  tls: PostgresTls | undefined,
  runAs: RunAs | undefined,
): Promise<{ readonly args: readonly string[]; readonly query: string }> {
  if (tls === undefined) return { args: [], query: '' };
  // Postgres refuses the key of another user, and may not be able to pass the folders above the files.
  const own = join(dataDir, 'tls');
  await mkdir(own, { recursive: true, mode: 0o700 });
  const keep = async (source: string, name: string): Promise<string> => {
    const file = join(own, name);
    await copyFile(source, file);
    await chmod(file, 0o600);
    if (runAs !== undefined) await chown(file, runAs.uid, runAs.gid);
    return file;
  };
  const [cert, key] = [
    await keep(join(tls.folder, 'tls.crt'), 'tls.crt'),
    await keep(join(tls.folder, 'tls.key'), 'tls.key'),
  ];
  const rules = tls.accessRules === undefined ? null : await keep(tls.accessRules, 'pg_hba.conf');
  if (runAs !== undefined) await chown(own, runAs.uid, runAs.gid);
  return {
    args: [
      ...['-c', 'ssl=on', '-c', `ssl_cert_file=${cert}`, '-c', `ssl_key_file=${key}`],
      ...(rules === null ? [] : ['-c', `hba_file=${rules}`]),
    ],
    query: `?sslmode=verify-full&sslrootcert=${encodeURIComponent(join(tls.folder, 'ca.crt'))}`,
  };
}
