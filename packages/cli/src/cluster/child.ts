import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '../serve/services.ts';

export interface ChildOptions {
  /** `score-2` */
  readonly name: string;
  readonly service: ServiceName;
  /** after `serve <service>` */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** starts again what has ended by itself */
  readonly restart: boolean;
  say(line: string): void;
  /** told at each start where it is */
  started(child: Started): void;
}

export interface Started {
  readonly name: string;
  readonly pid: number;
  /** of its health and metrics */
  readonly url: string;
  /** of the API, when it serves that */
  readonly apiUrl?: string;
}

/** A service that is kept running as a process of its own. */
export interface Child {
  readonly name: string;
  stop(): Promise<void>;
  /** Rejects when it has ended by itself and is not started again. */
  readonly ended: Promise<never>;
}

const command = fileURLToPath(new URL('../../bin/crunch-node.js', import.meta.url));
const STOP_MS = 12_000;
const RESTART_MS = 1_000;

/** Resolves when it serves. @throws when it ends before that for the first time */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, restart, say } = options;
  const stopping = new AbortController();
  let child = await spawnChild(options);
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    fail = reject;
  });
  ended.catch(() => undefined);

  async function watch(): Promise<void> {
    for (;;) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (stopping.signal.aborted) return;
      const how = child.signalCode ?? `code ${child.exitCode}`;
      if (!restart) return fail(new Error(`${name} has ended (${how})`));
      say(`${name} has ended (${how}): starting it again`);
      await delay(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      child = await spawnChild(options).catch((error: Error) => {
        say(`${name} does not start: ${error.message}`);
        return child;
      });
    }
  }
  const watching = watch();

  return {
    name,
    ended,
    async stop() {
      stopping.abort();
      await endOf(child);
      await watching;
    },
  };
}

async function spawnChild(options: ChildOptions): Promise<ChildProcess> {
  const { name, service, args, env, say, started } = options;
  const child = spawn(process.execPath, [command, 'serve', service, ...args], {
    env,
    // Ctrl-C is for us: we stop them in their order. With the channel gone they stop by themselves.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  createInterface(child.stderr!).on('line', (line) => say(`${name}: ${line}`));
  const lines = createInterface(child.stdout!);
  const serving = new Promise<Pick<Started, 'url' | 'apiUrl'>>((resolve) => {
    let apiUrl: string | undefined;
    lines.on('line', (line) => {
      apiUrl ??= /^API at (http\S+)$/.exec(line)?.[1];
      const url = /^serving .* at (http\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve({ url, ...(apiUrl === undefined ? {} : { apiUrl }) });
    });
  });
  const failed = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`expected ${name} to come up, it ended with ${signal ?? `code ${code}`}`);
  });
  failed.catch(() => undefined);
  const where = await Promise.race([serving, failed]);
  started({ name, pid: child.pid!, ...where });
  return child;
}

/** Asked first; a process that is frozen or hangs is ended. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = delay(STOP_MS, 'late', { signal: patience.signal }).catch(() => 'gone');
  if ((await Promise.race([gone, late])) === 'late') child.kill('SIGKILL');
  await gone;
  patience.abort();
}
