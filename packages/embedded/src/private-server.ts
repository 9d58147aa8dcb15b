import { setTimeout as delay } from 'node:timers/promises';
import type { Claim } from './claim.ts';
import { endInOrder } from './end-in-order.ts';
import type { OwnedProcess } from './owned-process.ts';
import { ServerFailed, sizeOf, tailOf } from './server-failed.ts';

/** A server on 127.0.0.1 for this process, in a folder of its own. */
export interface PrivateServer {
  /** includes the password, if it has one */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** false once it has ended, for whatever reason */
  readonly running: boolean;
  /** Default SIGKILL. Resolves when the process is gone; the folder stays claimed. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it in order and releases the folder. */
  stop(): Promise<void>;
  /** Starts it again on the same port and folder, after stopping it if it runs. */
  restart(): Promise<void>;
}

/** The specific parts of one kind of server. */
export interface ServerKind {
  /** for people */
  readonly name: string;
  readonly logFile: string;
  readonly claim: Claim;
  /** signal to stop it */
  readonly ask: NodeJS.Signals;
  /** signal to kill it */
  readonly force: 'SIGKILL' | 'SIGQUIT';
  url(): string;
  port(): number;
  start(): Promise<OwnedProcess>;
  /** Resolves when it accepts connections. */
  ready(started: OwnedProcess): Promise<void>;
  /** Whether a failed start is worth a retry, judged by its log; the next may be on another port. */
  triesAgain(log: string): boolean;
}

const TRIES = 50;

/** @throws {ServerFailed} with the end of its log; no process is left then, and the folder is still claimed */
export async function startPrivate(kind: ServerKind): Promise<PrivateServer> {
  const { name, logFile, claim, ask, force } = kind;
  let current: OwnedProcess | undefined;

  async function launch(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const logged = await sizeOf(logFile);
      try {
        current = await kind.start();
        await claim.record(current.pid);
        return await kind.ready(current);
      } catch (error) {
        await current?.kill(force);
        const log = await tailOf(logFile, logged);
        if (!kind.triesAgain(log) || attempt === TRIES) throw new ServerFailed(name, logFile, log, error);
        await delay(100);
      }
    }
  }

  await launch();
  return {
    get url() {
      return kind.url();
    },
    get port() {
      return kind.port();
    },
    get pid() {
      return current!.pid;
    },
    logFile,
    get running() {
      return current!.exit === null;
    },
    kill: (signal = 'SIGKILL') => current!.kill(signal),
    async stop() {
      await endInOrder(current!, ask, force);
      await claim.release();
    },
    async restart() {
      await endInOrder(current!, ask, force);
      await launch();
    },
  };
}
