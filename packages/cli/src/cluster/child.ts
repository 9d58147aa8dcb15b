import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@crunch-node/pipeline';

export interface ChildOptions {
  /** `score-2` */
  readonly name: string;
  readonly service: ServiceName;
  /** after `serve <service>` */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** restarts processes that end by themselves */
  readonly restart: boolean;
  print(line: string): void;
  /** called at each start with its addresses */
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
  /** Resolves when it serves for the first time. Rejects when it ends before that. */
  readonly serving: Promise<void>;
  /** At any moment, also while it is being started. */
  stop(): Promise<void>;
  /** Rejects when it has ended by itself and is not started again. */
  readonly ended: Promise<never>;
}

const command = fileURLToPath(new URL('../../bin/crunch-node.js', import.meta.url));
const STOP_MS = 12_000;
const RESTART_MS = 1_000;

export function startChild(options: ChildOptions): Child {
  const { name, restart, print } = options;
  const stopping = new AbortController();
  let current = launch(options);
  const serving = current.serving;
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    fail = reject;
  });
  ended.catch(() => undefined);

  async function watch(): Promise<void> {
    await serving;
    for (;;) {
      await exitOf(current.process);
      if (stopping.signal.aborted) return;
      const { signalCode, exitCode } = current.process;
      const how = signalCode ?? `code ${exitCode}`;
      if (!restart) return fail(new Error(`${name} has ended (${how})`));
      print(`${name} has ended (${how}): starting it again`);
      await delay(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      current = launch(options);
      await current.serving.catch((error: Error) => {
        if (!stopping.signal.aborted) print(`${name} does not start: ${error.message}`);
      });
    }
  }
  const watching = watch().catch(() => undefined);

  return {
    name,
    serving,
    ended,
    async stop() {
      stopping.abort();
      await endOf(current.process);
      await watching;
    },
  };
}

interface Launched {
  readonly process: ChildProcess;
  readonly serving: Promise<void>;
}

function launch({ name, service, args, env, print, started }: ChildOptions): Launched {
  const child = spawn(process.execPath, [command, 'serve', service, ...args], {
    env,
    // Ctrl-C is for us: we stop them in their order. With the channel gone they stop by themselves.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  createInterface(child.stderr!).on('line', (line) => print(`${name}: ${line}`));
  const lines = createInterface(child.stdout!);
  const serving = new Promise<void>((resolve, reject) => {
    let apiUrl: string | undefined;
    lines.on('line', (line) => {
      apiUrl ??= /^API at (http\S+)$/.exec(line)?.[1];
      const url = /^serving .* at (http\S+)$/.exec(line)?.[1];
      if (url === undefined) return;
      started({ name, pid: child.pid!, url, ...(apiUrl === undefined ? {} : { apiUrl }) });
      resolve();
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`expected ${name} to come up, it ended with ${signal ?? `code ${code}`}`)),
    );
  });
  serving.catch(() => undefined);
  return { process: child, serving };
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Stopped by a signal first; a process that is frozen or hangs is killed. */
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
