/** Where the log and the read model are: given by the environment, or private servers in a data folder. */

import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Environment } from '@crunch-node/config';
import {
  FolderInUse,
  findNatsServer,
  ownerOf,
  type PostgresTls,
  startNatsServer,
  startPostgres,
} from '@crunch-node/embedded';
import { composeAddress, parseAddress } from '@crunch-node/postgres';
import type { Closers } from '@crunch-node/service';
import { CrunchError } from '@crunch-node/streams/errors';
import { keepRunning } from './keep-running.ts';

export interface Endpoints {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** private servers, for people: `nats-server 2.10.27`, `Postgres 18` */
  readonly about: readonly string[];
  /** of the API and of health, where this process serves them */
  readonly apiUrl?: string;
  readonly monitorUrl?: string;
}

export interface EndpointsOptions {
  readonly environment: Environment;
  readonly dataDir: string;
  readonly closers: Closers;
  /** appended to the configuration of a private nats-server: users, TLS */
  readonly natsConfig?: string;
  /** of a private Postgres; default: none */
  readonly postgresTls?: PostgresTls;
  print(line: string): void;
}

const endpointsFile = (dataDir: string): string => join(dataDir, 'endpoints.json');

/** Starts the servers that the environment does not name. @throws {FolderInUse} when another process works in the data folder */
export async function openEndpoints(options: EndpointsOptions): Promise<Endpoints> {
  const { environment, dataDir } = options;
  const folder = resolve(dataDir);
  const nats = environment.values.NATS_URL;
  const database = databaseUrlOf(environment);
  if (nats !== undefined && database !== undefined) return { natsUrl: nats, databaseUrl: database, about: [] };
  await mkdir(folder, { recursive: true });
  const about: string[] = [];
  const natsUrl = nats ?? (await privateNats(folder, environment, options, about));
  const databaseUrl = database ?? (await privatePostgres(folder, options, about));
  return { natsUrl, databaseUrl, about };
}

/** There is nothing in the folder to look at. */
export class NoRunThere extends CrunchError {
  override readonly name = 'NoRunThere';
  override readonly code = 'no_run_in_folder';
  constructor(folder: string) {
    super(`expected the data folder of a run, found none in ${folder}: name it with --data-dir, or start with up`);
  }
}

/**
 * For commands next to a running `up`: its servers where it runs, else our own on the same folder.
 * @throws {NoRunThere} when nothing has ever run there, unless the command is one a deployment may begin with
 */
export async function joinEndpoints(options: EndpointsOptions & { readonly mayBeFirst?: boolean }): Promise<Endpoints> {
  const { environment, dataDir, mayBeFirst = false } = options;
  const isPrivate = environment.values.NATS_URL === undefined || databaseUrlOf(environment) === undefined;
  const folder = resolve(dataDir);
  if (isPrivate && !mayBeFirst && !(await hasRun(folder))) throw new NoRunThere(folder);
  const running = isPrivate && (await isRunning(folder)) ? await announcedIn(folder) : null;
  if (running !== null) return running;
  try {
    return await openEndpoints(options);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    const announced = await announcedIn(folder);
    if (announced === null) throw error;
    return announced;
  }
}

async function isRunning(folder: string): Promise<boolean> {
  const owners = await Promise.all(['nats', 'postgres'].map((name) => ownerOf(join(folder, name))));
  return owners.some((pid) => pid !== null);
}

async function announcedIn(folder: string): Promise<Endpoints | null> {
  const text = await readFile(endpointsFile(folder), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Endpoints);
}

/** Neither given in the environment nor running in the folder. */
export class WhereIsIt extends CrunchError {
  override readonly name = 'WhereIsIt';
  override readonly code = 'address_unknown';
  constructor(what: string, variable: string, folder: string) {
    super(`expected the address of ${what}: set ${variable}, or run up or cluster with --data-dir ${folder}`);
  }
}

/** Its data is there, and no process serves it. */
export class RunEnded extends CrunchError {
  override readonly name = 'RunEnded';
  override readonly code = 'run_ended';
  constructor(folder: string) {
    super(
      `nothing runs in ${folder}: the run there has ended. crunch-node up --data-dir ${folder} (with the options it had) ` +
        'continues it; status, sql, digest and verify read what it left; for servers elsewhere set NATS_URL and DATABASE_URL',
    );
  }
}

/**
 * For processes that never start servers: the ones the environment names, else those running in the data folder.
 * @throws {WhereIsIt} no address is known
 * @throws {RunEnded} its data is here
 */
export async function knownEndpoints(
  environment: Environment,
  dataDir: string,
  needsPostgres: boolean,
): Promise<Endpoints> {
  const folder = resolve(dataDir);
  const text = await readFile(endpointsFile(folder), 'utf8').catch(() => '{}');
  const running = JSON.parse(text) as Partial<Endpoints>;
  const natsUrl = environment.values.NATS_URL ?? running.natsUrl;
  const databaseUrl = databaseUrlOf(environment) ?? running.databaseUrl;
  if (natsUrl === undefined && (await hasRun(folder))) throw new RunEnded(folder);
  if (natsUrl === undefined) throw new WhereIsIt('the log', 'NATS_URL', folder);
  if (databaseUrl === undefined && needsPostgres) throw new WhereIsIt('Postgres', 'DATABASE_URL', folder);
  const { apiUrl, monitorUrl } = running;
  return {
    natsUrl,
    databaseUrl: databaseUrl ?? '',
    about: [],
    ...(apiUrl !== undefined && { apiUrl }),
    ...(monitorUrl !== undefined && { monitorUrl }),
  };
}

const hasRun = (folder: string): Promise<boolean> =>
  access(join(folder, 'nats')).then(
    () => true,
    () =>
      access(join(folder, 'postgres')).then(
        () => true,
        () => false,
      ),
  );

/** Lets other commands find the servers of this process while it runs. */
/** Adds the API's address to those that other commands find. */
export async function announceApi(
  dataDir: string,
  endpoints: Endpoints,
  addresses: Pick<Endpoints, 'apiUrl' | 'monitorUrl'>,
): Promise<void> {
  await writeFile(endpointsFile(resolve(dataDir)), `${JSON.stringify({ ...endpoints, ...addresses })}\n`, {
    mode: 0o600,
  });
}

export async function announceEndpoints(dataDir: string, endpoints: Endpoints, closers: Closers): Promise<void> {
  const file = endpointsFile(resolve(dataDir));
  await mkdir(resolve(dataDir), { recursive: true });
  await writeFile(file, `${JSON.stringify(endpoints)}\n`, { mode: 0o600 });
  closers.push('endpoints', () => rm(file, { force: true }));
}

/**
 * `DATABASE_URL`, or one made of `POSTGRES_*` when a host is named.
 * @throws {BadPostgresAddress}
 */
export function databaseUrlOf({ values }: Environment): string | undefined {
  const { DATABASE_URL: given, POSTGRES_HOST: host } = values;
  if (given === undefined && host === undefined) return undefined;
  const address =
    given ??
    composeAddress({
      host: host ?? '',
      port: values.POSTGRES_PORT ?? 5432,
      user: values.POSTGRES_USER ?? 'crunch',
      password: values.POSTGRES_PASSWORD,
      database: values.POSTGRES_DB ?? 'crunch',
    });
  parseAddress(address, given === undefined ? 'what POSTGRES_HOST, _PORT, _USER and _DB make' : 'DATABASE_URL');
  return address;
}

async function privateNats(
  folder: string,
  { values }: Environment,
  { closers, print, natsConfig }: EndpointsOptions,
  about: string[],
): Promise<string> {
  const env = { ...process.env, ...(values.NATS_SERVER_BIN && { NATS_SERVER_BIN: values.NATS_SERVER_BIN }) };
  const { path, version, source } = await findNatsServer({ env, print });
  print(`waiting for nats-server ${version} (${source})`);
  const server = await startNatsServer({
    binary: path,
    storeDir: join(folder, 'nats'),
    ...(natsConfig !== undefined && { moreConfig: natsConfig }),
  });
  closers.push(
    'nats-server',
    () => server.stop(),
    () => endAtOnce(server, 'SIGKILL'),
  );
  closers.push('watch over nats-server', keepRunning('nats-server', server, print));
  about.push(`nats-server ${version}`);
  return server.url;
}

async function privatePostgres(
  folder: string,
  { closers, print, postgresTls: tls }: EndpointsOptions,
  about: string[],
): Promise<string> {
  print('waiting for Postgres');
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), print, ...(tls && { tls }) });
  closers.push(
    'Postgres',
    () => server.stop(),
    () => endAtOnce(server, 'SIGQUIT'),
  );
  closers.push('watch over Postgres', keepRunning('Postgres', server, print));
  about.push('Postgres');
  return server.url;
}

/** Stops a server at once, before the folder it works in is removed. */
function endAtOnce(
  { pid, running }: { readonly pid: number; readonly running: boolean },
  signal: NodeJS.Signals,
): void {
  if (running) process.kill(pid, signal);
}
