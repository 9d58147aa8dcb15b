import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@crunch-node/embedded/testing';
import type { StallingProxy } from '../support/stalling-proxy.ts';
import { type Disturbance, serviceOf, textOf } from './plan.ts';
import { type CrunchProcess, startCrunchNode, stopInOrder } from './process.ts';
import type { Standings } from './standings.ts';

/** What was done to a process, and how long it took until work continued. */
export interface Suffered {
  readonly process: string;
  readonly disturbance: Disturbance;
  /** a service that had nothing left to do does not reach its place any more */
  readonly outcome: 'done' | 'not reached';
  /**
   * until the service published more; null: it had nothing left to publish, or the next disturbance came before that
   */
  readonly goesOnAfterMs: number | null;
}

export interface InstanceContext {
  readonly name: string;
  readonly disturbances: readonly Disturbance[];
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly proxy: StallingProxy | undefined;
  readonly standings: Standings;
  /** whether a server it needs is, or was a moment ago, away */
  serversAway(): boolean;
  print(line: string): void;
}

/** One process after the other, each ended as planned, the last one left running. */
export interface Instance {
  readonly suffered: readonly Suffered[];
  readonly faults: readonly string[];
  /** the plan has nothing more for it */
  readonly isThrough: boolean;
  /** From now on nothing is done to it; resolves when it serves. */
  finish(): Promise<void>;
  /** in order; what does not end in time is a fault */
  stop(): Promise<void>;
}

const STOP_MS = 20_000;
const START_TRIES = 40;

export function startInstance(context: InstanceContext): Instance {
  const { name, args, env, logFile, proxy, standings, print } = context;
  const service = serviceOf(name);
  const suffered: Suffered[] = [];
  const faults: string[] = [];
  const finishing = new AbortController();
  let current: CrunchProcess | undefined;
  let isThrough = false;

  function spawn(crashAt?: string): CrunchProcess {
    const arming = crashAt === undefined ? {} : { CRUNCH_CRASH_AT: crashAt };
    const title = `${name}${crashAt === undefined ? '' : ` until ${crashAt}`}`;
    current = startCrunchNode(args, { env: { ...env, ...arming }, logFile, title });
    return current;
  }

  /** A process that serves. Without its servers it does not start, and is started again, as any supervisor does. */
  async function served(crashAt?: string): Promise<CrunchProcess> {
    for (let tries = 1; ; tries++) {
      const process = spawn(crashAt);
      if (await process.serving) return process;
      const { code, signal } = process.exit ?? (await process.ended);
      if (signal === 'SIGKILL' && crashAt !== undefined) return process; // its place is on the way up
      if (!context.serversAway()) faults.push(`${name} did not start: ${signal ?? `code ${code}`}`);
      if (tries >= START_TRIES) throw new Error(`${name} does not start`);
      await until('its servers', () => !context.serversAway(), { everyMs: 250 });
    }
  }

  /** Resolves with what is over first. */
  async function ended(process: CrunchProcess, ms: number): Promise<boolean> {
    const over = new AbortController();
    const pause = delay(ms, false, { signal: AbortSignal.any([over.signal, finishing.signal]) }).catch(() => false);
    const result = await Promise.race([process.ended.then(() => true), pause]);
    over.abort();
    return result;
  }

  const FOREVER = 2 ** 31 - 1;

  /** @returns whether it was done */
  async function inflict(disturbance: Disturbance): Promise<boolean> {
    const alive = current !== undefined && current.exit === null ? current : undefined;
    if (disturbance.how === 'point') {
      if (alive !== undefined) await stopInOrder(alive, STOP_MS);
      const process = await served(`${disturbance.at}:${disturbance.times}`);
      return ended(process, FOREVER);
    }
    if (disturbance.how === 'kill starting') {
      if (alive !== undefined) await stopInOrder(alive, STOP_MS);
      const process = spawn();
      if (await ended(process, disturbance.afterMs)) return false;
      process.child.kill('SIGKILL');
      await process.ended;
      return true;
    }
    const process = alive ?? (await served());
    await ended(process, disturbance.afterMs);
    if (finishing.signal.aborted || process.exit !== null) return false;
    switch (disturbance.how) {
      case 'kill':
        process.child.kill('SIGKILL');
        await process.ended;
        return true;
      case 'terminate': {
        const { code, forced } = await stopInOrder(process, STOP_MS);
        if (forced || code !== 0)
          faults.push(`${name} did not end in order on SIGTERM: ${forced ? 'late' : `code ${code}`}`);
        return true;
      }
      case 'freeze':
        process.child.kill('SIGSTOP');
        await delay(disturbance.forMs);
        process.child.kill('SIGCONT');
        return true;
      case 'cut off':
        proxy?.stall();
        await delay(disturbance.forMs);
        proxy?.reset();
        return proxy !== undefined;
    }
  }

  async function live(): Promise<void> {
    for (const disturbance of context.disturbances) {
      if (finishing.signal.aborted) {
        suffered.push({ process: name, disturbance, outcome: 'not reached', goesOnAfterMs: null });
        continue;
      }
      const isDone = await inflict(disturbance);
      const at = { process: name, disturbance, outcome: isDone ? 'done' : 'not reached' } as const;
      const entry = { ...at, goesOnAfterMs: null as number | null };
      suffered.push(entry);
      if (!isDone) {
        checkExit();
        continue;
      }
      const cycle = standings.cycleOf(service);
      void standings.goesOn(service).then((ms) => {
        entry.goesOnAfterMs = ms;
        const then = ms === null ? 'nothing was left to publish' : `resumed after ${(ms / 1000).toFixed(1)} s`;
        print(`  ${name.padEnd(10)} at ${cycle}  ${textOf(disturbance)}: ${then}`);
      });
    }
    isThrough = true;
    if (current === undefined || current.exit !== null) await served();
  }

  /** A process that ends although nothing was done to it. */
  function checkExit(): void {
    const exit = current?.exit;
    if (exit && !context.serversAway() && exit.signal !== 'SIGKILL')
      faults.push(`${name} ended by itself: ${exit.signal ?? `code ${exit.code}`}`);
  }

  const living = live();
  living.catch((error: Error) => {
    faults.push(`${name}: ${error.message}`);
    isThrough = true;
  });
  return {
    suffered,
    faults,
    get isThrough() {
      return isThrough;
    },
    async finish() {
      finishing.abort();
      await living.catch(() => undefined);
      if (current?.exit !== null) {
        checkExit();
        await served();
      }
    },
    async stop() {
      finishing.abort();
      await living.catch(() => undefined);
      if (current === undefined || current.exit !== null) return;
      const { code, forced } = await stopInOrder(current, STOP_MS);
      if (forced || code !== 0) faults.push(`${name} did not stop in order: ${forced ? 'late' : `code ${code}`}`);
    },
  };
}
