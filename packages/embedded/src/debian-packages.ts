/**
 * Debian packages, unpacked but not installed: neither the system's packages nor its sources change, and root is not
 * needed. apt checks the signature of the archive and the checksums of the packages.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PATIENCE = ['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::Retries=1', '-o', 'APT::Sandbox::User=root'];

/** Package source: options passed to every apt command. */
export interface PackageSource {
  readonly options: readonly string[];
}

/** Another suite (`trixie`, `sid`), through the mirror configured on the system. Its lists are kept in `folder`. */
export async function suiteSource(folder: string, suite: string): Promise<PackageSource> {
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
  return { options };
}

/** The suite the system runs. */
export async function systemSource(): Promise<PackageSource> {
  // old lists may be enough
  if (process.getuid?.() === 0) await run('apt-get', ['update', ...PATIENCE]).catch(() => {});
  return { options: PATIENCE };
}

/** The names of a package's dependencies that match. */
export async function dependenciesOf({ options }: PackageSource, name: string, wanted: RegExp): Promise<string[]> {
  const text = await run('apt-cache', ['depends', ...options, name]);
  const names = [...text.matchAll(/^\s*\|?Depends: (\S+)$/gm)].map(([, dependency = '']) => dependency);
  return [...new Set(names.filter((dependency) => wanted.test(dependency)))];
}

/** @returns the folder with the files of the packages: `usr/sbin/…` */
export async function unpackPackages(
  { options }: PackageSource,
  folder: string,
  names: readonly string[],
): Promise<string> {
  await run('apt-get', ['download', ...options, ...names], { cwd: folder });
  const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  if (archives.length < names.length) throw new Error(`apt-get download: it left ${archives.length} packages`);
  for (const archive of archives) await run('dpkg', ['-x', archive, 'unpacked'], { cwd: folder });
  return join(folder, 'unpacked');
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
