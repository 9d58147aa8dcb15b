/** The reference engine in processes of its own, one for each workload, driven by lines of JSON. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { pythonPeer } from '../../test/support/python-peers.ts';

const CODE = join(import.meta.dirname, 'reference');

/** Where the packages are, and the templates that come with them. */
export interface Installed {
  readonly python: string;
  readonly templates: string;
}

export async function installReference(): Promise<Installed> {
  const peer = await pythonPeer('engine');
  if (peer.missing !== null) throw new Error(peer.missing);
  const find = 'import crunch_node, os; print(os.path.dirname(crunch_node.__file__))';
  const { stdout, stderr } = spawnSync(peer.python, ['-c', find], { encoding: 'utf8' });
  if (stdout.trim() === '') throw new Error(`the reference cannot be imported: ${stderr}`);
  return { python: peer.python, templates: join(stdout.trim(), '_templates') };
}

export interface ReferenceOptions {
  readonly installed: Installed;
  /** folder of its log */
  readonly folder: string;
  /** an empty database, see `emptyDatabase` */
  readonly databaseUrl: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Reference {
  readonly pid: number;
  call<T>(module: string, name: string, args?: Readonly<Record<string, unknown>>): Promise<T>;
  stop(): Promise<void>;
}

/** As its realtime pack configures it, with the metrics it computes by default. */
export function environmentOf({ installed, databaseUrl, environment }: Omit<ReferenceOptions, 'folder'>) {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const pack = join(installed.templates, 'packs', 'realtime');
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PYTHONPATH: [CODE, join(pack, 'node'), join(pack, 'challenge')].join(':'),
    PYTHONDONTWRITEBYTECODE: '1',
    CRUNCH_CONFIG_MODULE: 'competition:COMPETITION',
    POSTGRES_HOST: hostname,
    POSTGRES_PORT: port,
    POSTGRES_USER: username,
    POSTGRES_PASSWORD: password,
    POSTGRES_DB: pathname.slice(1),
    CRUNCH_ID: 'bench',
    CHECKPOINT_INTERVAL_SECONDS: String(7 * 24 * 3600),
    FEED_SOURCE: 'binance',
    FEED_SUBJECTS: 'BTCUSDT',
    FEED_KIND: 'candle',
    FEED_GRANULARITY: '1m',
    FEED_CANDLES_WINDOW: '120',
    ...environment,
  };
}

/** Starts a process, makes its tables with its own command and waits until it takes work. */
export async function startReference(options: ReferenceOptions): Promise<Reference> {
  const log = createWriteStream(join(options.folder, `reference-${Date.now()}.log`));
  const child = spawn(options.installed.python, [join(CODE, 'serve.py')], {
    env: environmentOf(options),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stderr.pipe(log);
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2_000);
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const reference: Reference = {
    pid: child.pid!,
    async call<T>(module: string, name: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
      child.stdin.write(`${JSON.stringify({ module, call: name, arguments: args })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`the reference ended: ${printed}`);
      const { result, error } = JSON.parse(value) as { result: T; error?: string };
      if (error !== undefined) throw new Error(`the reference failed: ${error}`);
      return result;
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
  return reference;
}

/** A new database of the server. */
export async function emptyDatabase(serverUrl: string, name: string): Promise<string> {
  await queried(serverUrl, `drop database if exists ${name}`);
  await queried(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function queried(url: string, ...statements: readonly string[]): Promise<readonly object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly object[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Keeps a process on one core, where the system can do that. */
export function pin(pid: number | undefined, core: number): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);
}

export async function disconnected(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || !child.connected) return;
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}
