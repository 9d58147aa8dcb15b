/**
 * Debian's package, unpacked but not installed: neither the system's packages nor its sources change, and it needs no
 * root. apt checks the signature of the archive and the checksum of the package.
 */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PATIENCE = ['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::Retries=1', '-o', 'APT::Sandbox::User=root'];

/** From another suite (`trixie`, `sid`), through the mirror the system already uses. */
export async function downloadFromSuite(folder: string, suite: string): Promise<string> {
  const state = join(folder, 'apt');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(join(state, 'status'), '');
  await writeFile(join(state, 'sources.list'), `deb [signed-by=${KEYRING}] ${await mirror()} ${suite} main\n`);
  const options = [
    ...PATIENCE,
    ...['-o', `Dir::Etc::sourcelist=${join(state, 'sources.list')}`],
    ...['-o', 'Dir::Etc::sourceparts=/dev/null'],
    ...['-o', `Dir::State::lists=${join(state, 'lists')}`],
    ...['-o', `Dir::State::status=${join(state, 'status')}`],
    ...['-o', `Dir::Cache=${join(state, 'cache')}`],
  ];
  await run('apt-get', ['update', ...options]);
  return unpack(folder, options);
}

/** From the suite the system runs. */
export async function downloadFromSystem(folder: string): Promise<string> {
  if (process.getuid?.() === 0) await run('apt-get', ['update', ...PATIENCE]).catch(() => {}); // old lists may do
  return unpack(folder, PATIENCE);
}

async function mirror(): Promise<string> {
  const uris = await run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
    'Component: main',
  ]);
  const uri = uris.split('\n').find((line) => line !== '' && !line.includes('security'));
  if (uri === undefined) throw new Error('apt-get: the system has no Debian mirror configured');
  return uri;
}

async function unpack(folder: string, options: readonly string[]): Promise<string> {
  await run('apt-get', ['download', ...options, 'nats-server'], { cwd: folder });
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get download: it left no package');
  await run('dpkg', ['-x', archive, 'unpacked'], { cwd: folder });
  await rename(join(folder, 'unpacked', 'usr', 'sbin', 'nats-server'), join(folder, 'nats-server'));
  return join(folder, 'nats-server');
}
