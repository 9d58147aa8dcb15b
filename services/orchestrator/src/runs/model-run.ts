import { copyFile, stat, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import { freePort, type OwnedProcess, startOwned } from '@crunch-node/embedded';
import { serveCommand } from './command.ts';
import { isLimited, type Limits, passedLimit } from './limits.ts';
import type { Submission } from './submission.ts';
import { usageOf } from './usage.ts';

/** One process that serves a model. */
export interface ModelRun {
  readonly pid: number;
  readonly port: number;
  /** for people: what serves it */
  readonly about: string;
  /** Resolves with the reason why it ended. */
  readonly ended: Promise<string>;
  /** Resolves when it accepts connections, false when it ended before. */
  readonly ready: Promise<boolean>;
  /** Kills the process and those it started, since a model may ignore SIGTERM. */
  stop(): Promise<void>;
}

export interface ModelRunOptions {
  readonly submission: Submission;
  readonly logFile: string;
  readonly stagingFolder: string;
  readonly limits: Limits;
  readonly env?: NodeJS.ProcessEnv;
}

const LOOK_EVERY_MS = 250;
const CONNECT_EVERY_MS = 50;
const LARGEST_LOG_BYTES = 16 * 1024 * 1024;
const KEEPS_LOG_EVERY = 40;

/** @throws {NoPythonHost} */
export async function startModelRun(options: ModelRunOptions): Promise<ModelRun> {
  const { submission, logFile, limits, stagingFolder, env } = options;
  const port = await freePort();
  const serve = await serveCommand(submission, { port, stagingFolder, ...(env && { env }) });
  const process = await startOwned({ ...serve, logFile, deathSignal: 'SIGKILL', cwd: submission.folder });
  const startedMs = performance.now();
  let passed: string | null = null;
  let looks = 0;

  const look = async (): Promise<void> => {
    if (++looks % KEEPS_LOG_EVERY === 0) await keepShort(logFile);
    if (!isLimited(limits) || process.exit !== null) return;
    const usage = await usageOf(process.pid);
    if (usage === null) return;
    passed ??= passedLimit(limits, usage, (performance.now() - startedMs) / 1000);
    if (passed !== null) endGroup(process);
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
  timer.unref();

  const ended = process.wait().then(({ code, signal }) => {
    clearInterval(timer);
    endGroup(process); // processes it started and left behind
    return passed ?? (signal === null ? `ended with code ${code}` : `ended by ${signal}`);
  });
  return {
    pid: process.pid,
    port,
    about: serve.about,
    ended,
    ready: accepting(port, process),
    async stop() {
      endGroup(process);
      await ended;
    },
  };
}

/** The process leads a group of its own. */
function endGroup({ pid }: OwnedProcess): void {
  try {
    globalThis.process.kill(-pid, 'SIGKILL');
  } catch {
    // all of it has ended
  }
}

async function accepting(port: number, process: OwnedProcess): Promise<boolean> {
  while (process.exit === null) {
    if (await accepts(port)) return process.exit === null;
    await new Promise((resolve) => setTimeout(resolve, CONNECT_EVERY_MS));
  }
  return false;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });

/** A model that prints a lot must not fill the disk: only the last two logs are kept. */
async function keepShort(logFile: string): Promise<void> {
  const { size } = await stat(logFile);
  if (size < LARGEST_LOG_BYTES) return;
  await copyFile(logFile, `${logFile}.1`);
  await truncate(logFile); // the process appends, so it continues at the new end
}
