/** The real Python programs of the field, in virtual environments that are made once and kept. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@crunch-node/embedded/testing';

const run = promisify(execFile);
const requirementsFolder = join(import.meta.dirname, '..', 'peers', 'requirements');

/**
 * `runner`: what serves models, with the challenge packages; `client`: what a coordinator calls them with; `engine`: the
 * reference that benchmarks compare with. Apart, since they need different versions of the same packages.
 */
export type Peer = 'runner' | 'client' | 'engine';

export type FoundPeer = { readonly python: string; readonly missing: null } | { readonly missing: string };

const ANY_PYTHON: Readonly<Record<Peer, readonly string[]>> = {
  runner: ['runner-any-python.txt'],
  client: [],
  engine: ['engine-any-python.txt'],
};
/** Less than the time limit of a test file: what takes longer is skipped, and goes faster from pip's cache next time. */
const INSTALL_MS = 480_000;

/** An interpreter with the pinned packages in it, or what a test prints when it is skipped. */
export async function pythonPeer(peer: Peer): Promise<FoundPeer> {
  const python = process.env.PYTHON ?? 'python3';
  let version: string;
  try {
    const { stdout } = await run(python, ['-c', 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])']);
    version = stdout.trim();
  } catch {
    return { missing: missing(peer, `${python} with venv and pip is not installed`) };
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major !== 3 || minor < 11) return { missing: missing(peer, `needs Python 3.11 or newer, found ${version}`) };
  const files = [`${peer}.txt`, ...ANY_PYTHON[peer]];
  const contents = files.map((file) => readFileSync(join(requirementsFolder, file), 'utf8'));
  const hash = createHash('sha256').update(contents.join('\n')).digest('hex').slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'crunch-node');
  const home = join(cache, `python-${peer}-${version}-${hash}`);
  const found = { python: join(home, 'bin', 'python'), missing: null };
  if (existsSync(home)) return found;
  try {
    await mkdir(cache, { recursive: true });
    await alone(`${home}.lock`, async () => {
      if (!existsSync(home)) await install(python, peer, { cache, home });
    });
    return found;
  } catch (error) {
    const { stderr, message, killed } = error as { stderr?: string; message: string; killed?: boolean };
    const why = killed
      ? `pip took longer than ${INSTALL_MS / 1000} s: try again, what it has fetched is kept`
      : `pip could not install them: ${stderr?.trim().split('\n').at(-1) || message}`;
    return { missing: missing(peer, why) };
  }
}

function missing(peer: Peer, why: string): string {
  const text = `SKIPPED: THE REAL PYTHON PEERS (${peer}) ARE NOT RUN: ${why}; see test/peers/requirements`;
  process.stderr.write(`${text}\n`);
  return text;
}

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'] as const;

interface Places {
  readonly cache: string;
  readonly home: string;
}

/** Built next to its place and moved there in one step, so that the cache never holds half of one. */
async function install(python: string, peer: Peer, { cache, home }: Places): Promise<void> {
  process.stderr.write(`waiting for pip to install the real ${peer} (some minutes, once)\n`);
  const folder = await mkdtemp(join(cache, 'installing-'));
  try {
    await run(python, ['-m', 'venv', folder]);
    const end = Date.now() + INSTALL_MS;
    // The lists are complete and pinned, so nothing is resolved; some require a newer Python than they need.
    for (const file of [`${peer}.txt`, ...ANY_PYTHON[peer]]) {
      const options = ANY_PYTHON[peer].includes(file) ? ['--ignore-requires-python'] : [];
      await run(join(folder, 'bin', 'python'), [...PIP, ...options, '--requirement', join(requirementsFolder, file)], {
        timeout: Math.max(1, end - Date.now()),
        maxBuffer: 16 * 1024 * 1024,
      });
    }
    await rename(folder, home);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Test files run side by side: one of them installs, the others wait. A lock whose process has died is taken over. */
async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  const isOurs = async (): Promise<boolean> => {
    if (await taken(lock)) return true;
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  };
  await until(`the lock ${lock}`, isOurs, { everyMs: 250, deadlineMs: INSTALL_MS });
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

const taken = (lock: string): Promise<boolean> =>
  writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    () => false,
  );

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
