import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { claimFolder } from './claim.ts';
import { type OwnedProcess, startOwned } from './owned-process.ts';
import { type PrivateServer, type ServerKind, startPrivate } from './private-server.ts';
import { until } from './until.ts';

export interface NatsServerOptions {
  /** path of the executable, see `findNatsServer` */
  readonly binary: string;
  /** folder of all its files: JetStream, log, configuration */
  readonly storeDir: string;
  /** default 8 MB: one leaderboard of 1,300 models is 1 MiB */
  readonly maxPayloadBytes?: number;
  /** default: the server chooses a free one */
  readonly port?: number;
  readonly serverName?: string;
  /** default true */
  readonly jetStream?: boolean;
  /** appended to the configuration file: users, limits */
  readonly moreConfig?: string;
}

export type NatsServer = PrivateServer;

/** A private nats-server with JetStream on 127.0.0.1, ready for connections. It ends when this process ends. */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const storeDir = resolve(options.storeDir);
  await mkdir(storeDir, { recursive: true });
  const claim = await claimFolder(storeDir);
  const logFile = join(storeDir, 'nats-server.log');
  let port = options.port ?? -1;
  const kind: ServerKind = {
    name: 'nats-server',
    logFile,
    claim,
    ask: 'SIGTERM',
    force: 'SIGKILL',
    url: () => `nats://127.0.0.1:${port}`,
    port: () => port,
    async start() {
      await removePortFiles(storeDir);
      const configFile = join(storeDir, 'nats-server.conf');
      await writeFile(configFile, configText({ ...options, storeDir, port }));
      return startOwned({
        command: options.binary,
        args: ['-c', configFile],
        logFile,
        deathSignal: 'SIGKILL', // safe for its files without a shutdown: everything acknowledged is with the kernel
      });
    },
    async ready(started) {
      port = await until('nats-server to be ready', () => readyPort(started, storeDir, port), { deadlineMs: 60_000 });
    },
    // The port may have been assigned to a connection of this process while the server was down.
    triesAgain: (log) => log.includes('address already in use') && port > 0,
  };
  try {
    return await startPrivate(kind);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

function configText({
  storeDir,
  port,
  maxPayloadBytes = 8 * 1024 * 1024,
  serverName,
  jetStream = true,
  moreConfig = '',
}: NatsServerOptions & { port: number }): string {
  return [
    'host: "127.0.0.1"',
    `port: ${port}`,
    `ports_file_dir: ${JSON.stringify(storeDir)}`,
    `max_payload: ${maxPayloadBytes}`,
    serverName === undefined ? '' : `server_name: ${JSON.stringify(serverName)}`,
    jetStream ? `jetstream { store_dir: ${JSON.stringify(join(storeDir, 'jetstream'))} }` : '',
    moreConfig,
    '',
  ].join('\n');
}

const portFiles = async (storeDir: string): Promise<string[]> =>
  (await readdir(storeDir)).filter((name) => name.endsWith('.ports'));

async function removePortFiles(storeDir: string): Promise<void> {
  for (const name of await portFiles(storeDir)) await rm(join(storeDir, name), { force: true });
}

/** The port it listens on, once it sends its greeting; undefined before. */
async function readyPort(server: OwnedProcess, storeDir: string, wanted: number): Promise<number | undefined> {
  if (server.exit !== null) throw new Error(`it ended with ${server.exit.signal ?? server.exit.code}`);
  const name = (await portFiles(storeDir)).find((file) => file.endsWith(`_${server.pid}.ports`));
  if (name === undefined) return undefined;
  const ports = parsePorts(await readFile(join(storeDir, name), 'utf8').catch(() => ''));
  const url = ports.nats?.[0];
  if (url === undefined) return undefined;
  const port = Number(new URL(url).port);
  if (wanted > 0 && port !== wanted) return undefined;
  return (await greets(port)) ? port : undefined;
}

/** The server may be writing the file. */
function parsePorts(json: string): { readonly nats?: readonly string[] } {
  try {
    return JSON.parse(json) as { nats?: string[] };
  } catch {
    return {};
  }
}

async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    return chunk.toString('latin1').startsWith('INFO ');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
