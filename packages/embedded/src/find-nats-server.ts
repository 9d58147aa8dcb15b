import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';
import { run } from './command.ts';
import { downloadFromSuite, downloadFromSystem } from './nats-debian.ts';
import { downloadRelease, RELEASE } from './nats-release.ts';

export interface FindOptions {
  /** default `process.env`; `NATS_SERVER_BIN` and `PATH` are used */
  readonly env?: NodeJS.ProcessEnv;
  /** folder of downloads, default `~/.cache/crunch-node` */
  readonly cacheDir?: string;
  /** called with one line about each wait */
  readonly print?: (text: string) => void;
  /** only the server of this Debian suite, for tests on several versions */
  readonly suite?: string;
}

export interface FoundNatsServer {
  readonly path: string;
  /** `2.10.29` */
  readonly version: string;
  /** `NATS_SERVER_BIN`, `PATH`, `release`, `trixie`, …; followed by `(cached)` when it was downloaded earlier */
  readonly source: string;
}

export class NatsServerNotFound extends CrunchError {
  override readonly name = 'NatsServerNotFound';
  override readonly code = 'nats_server_not_found';
  readonly tried: readonly string[];
  constructor(tried: readonly string[]) {
    super(
      `expected to find or fetch a nats-server, in vain (${tried.join('; ')}): install it ` +
        '(apt-get install nats-server, brew install nats-server), name it in NATS_SERVER_BIN, or set NATS_URL',
    );
    this.tried = tried;
  }
}

const MINIMUM_MINOR = 9; // 2.9: the first with direct get

/**
 * The executable of a nats-server: the one named in `NATS_SERVER_BIN`, on `PATH`, in the cache, from the official
 * release, from Debian's newer suite, from the system's own.
 * @throws {NatsServerNotFound}
 */
export async function findNatsServer(options: FindOptions = {}): Promise<FoundNatsServer> {
  const { env = process.env, print = () => {}, suite } = options;
  const cacheDir = options.cacheDir ?? join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'crunch-node');
  const tried: string[] = [];
  if (suite === undefined) {
    const named = env.NATS_SERVER_BIN;
    if (named) return usable(named, 'NATS_SERVER_BIN');
    for (const path of await onPath(env.PATH ?? '')) {
      try {
        return await usable(path, 'PATH');
      } catch (error) {
        tried.push((error as Error).message);
      }
    }
  }
  const sources = suite === undefined ? DOWNLOADS : [fromSuite(suite)];
  for (const { source } of sources) {
    const path = join(cacheDir, `nats-server-${source}`, 'nats-server');
    if (await isExecutable(path)) return usable(path, `${source} (cached)`);
  }
  for (const { source, waitingFor, fetch } of sources) {
    print(`waiting for ${waitingFor}`);
    try {
      return await usable(await keep(cacheDir, source, fetch), source);
    } catch (error) {
      tried.push(`${waitingFor}: ${(error as Error).message}`);
    }
  }
  throw new NatsServerNotFound(tried);
}

interface Download {
  readonly source: string;
  readonly waitingFor: string;
  /** puts the executable into a folder */
  readonly fetch: (folder: string) => Promise<string>;
}

const fromSuite = (suite: string): Download => ({
  source: suite,
  waitingFor: `nats-server from Debian ${suite}`,
  fetch: (folder) => downloadFromSuite(folder, suite),
});

const DOWNLOADS: readonly Download[] = [
  {
    source: `release-${RELEASE}`,
    waitingFor: `the official nats-server ${RELEASE} from github.com`,
    fetch: downloadRelease,
  },
  fromSuite('trixie'),
  { source: 'system', waitingFor: "nats-server from the system's packages", fetch: downloadFromSystem },
];

/** Downloaded next to its final path and renamed, so that the cache never holds a partial file. */
async function keep(cacheDir: string, source: string, fetch: Download['fetch']): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'fetching-'));
  try {
    const fetched = await fetch(folder);
    const home = join(cacheDir, `nats-server-${source}`);
    await mkdir(home, { recursive: true });
    await rename(fetched, join(home, 'nats-server'));
    return join(home, 'nats-server');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function usable(path: string, source: string): Promise<FoundNatsServer> {
  const text = await run(path, ['--version'], { timeoutMs: 10_000 });
  const version = /v?(\d+\.\d+\.\d+\S*)/.exec(text)?.[1];
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version === undefined || major < 2 || (major === 2 && minor < MINIMUM_MINOR)) {
    throw new Error(
      `expected ${path} (${source}) to be nats-server 2.${MINIMUM_MINOR} or newer, received ${JSON.stringify(text.split('\n')[0])}`,
    );
  }
  return { path, version, source };
}

async function onPath(searchPath: string): Promise<string[]> {
  // Debian installs it in sbin folders, which are often not on an ordinary user's PATH.
  const folders = [...searchPath.split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin'];
  const found: string[] = [];
  for (const folder of new Set(folders)) {
    const path = join(folder, 'nats-server');
    if (await isExecutable(path)) found.push(path);
  }
  return found;
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
