import { setTimeout as delay } from 'node:timers/promises';
import type { Claim } from './claim.ts';
import { endInOrder } from './end-in-order.ts';
import type { OwnedProcess } from './owned-process.ts';
import { ServerFailed, sizeOf, tailOf } from './server-failed.ts';

/** A server on 127.0.0.1 that works for this process in a folder of its own. */
export interface PrivateServer {
  /** with the password, if it has one */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** false once it has ended, for whatever reason */
  readonly running: boolean;
  /** Default SIGKILL. Resolves when the process is gone; the folder stays ours. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it in order and gives the folder back. */
  stop(): Promise<void>;
  /** Starts it again on the same port and folder, after stopping it if it runs. */
  restart(): Promise<void>;
}

/** What one kind of server does in its own way. */
export interface ServerKind {
  /** for people */
  readonly name: string;
  readonly logFile: string;
  readonly claim: Claim;
  /** how it is asked to end */
  readonly ask: NodeJS.Signals;
  /** how it is made to */
  readonly force: 'SIGKILL' | 'SIGQUIT';
  url(): string;
  port(): number;
  start(): Promise<OwnedProcess>;
  /** Resolves when it takes connections. */
  ready(started: OwnedProcess): Promise<void>;
  /** Whether a start that failed is worth another one, by what it logged; the next may be on another port. */
  triesAgain(log: string): boolean;
}

const TRIES = 50;

/** @throws {ServerFailed} with the end of its log; nothing of it runs then, and the folder is still claimed */
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
