import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer, Postgres } from '@crunch-node/embedded';
import type { ServerDisturbance } from './plan.ts';
import { canSlowDisks, slowDiskOf } from './slow-disk.ts';
import type { Standings } from './standings.ts';

export interface ServerSuffered extends ServerDisturbance {
  readonly outcome: 'done' | 'not reached' | 'no strace';
}

export interface DisturbedServers {
  readonly suffered: readonly ServerSuffered[];
  /** one of them is, or was a moment ago: who connects meanwhile may fail */
  readonly away: boolean;
  /** Nothing more is done to them; resolves when both are up. */
  settled(): Promise<void>;
}

const MOMENT_MS = 10_000;
/** of a disk that is busy with something else */
const WRITE_MS = 25;

export function disturbServers(
  plan: readonly ServerDisturbance[],
  means: { nats: NatsServer; postgres: Postgres; standings: Standings; say(line: string): void },
): DisturbedServers {
  const { nats, postgres, standings, say } = means;
  const stopping = new AbortController();
  const suffered: ServerSuffered[] = [];
  let down = 0;
  let upSince = Number.NEGATIVE_INFINITY;

  async function disturb(disturbance: ServerDisturbance): Promise<void> {
    const { server, how, atCycle, forMs } = disturbance;
    while (standings.cycles < atCycle && !stopping.signal.aborted)
      await delay(50, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted) {
      suffered.push({ ...disturbance, outcome: 'not reached' });
      return;
    }
    const one = server === 'Postgres' ? postgres : nats;
    if (how === 'slow disk' && !canSlowDisks()) {
      suffered.push({ ...disturbance, outcome: 'no strace' });
      say(`  ${server.padEnd(10)} at cycle ${atCycle}  NO SLOW DISK: strace is not installed, or may not trace`);
      return;
    }
    const doing = how === 'slow disk' ? await slowDown(one, forMs) : await takeDown(one, how, forMs);
    suffered.push({ ...disturbance, outcome: 'done' });
    void Promise.all([standings.goesOn('project'), standings.goesOn('rank')]).then(([rows, ranking]) => {
      const seconds = (Math.max(rows ?? 0, ranking ?? 0) / 1000).toFixed(1);
      say(`  ${server.padEnd(10)} at cycle ${atCycle}  ${doing} for ${forMs} ms: went on after ${seconds} s`);
    });
  }

  async function takeDown(server: NatsServer | Postgres, how: 'kill' | 'stop', forMs: number): Promise<string> {
    down += 1;
    const signal = how === 'kill' ? 'SIGKILL' : server === postgres ? 'SIGINT' : 'SIGTERM';
    await server.kill(signal);
    await delay(forMs);
    await server.restart();
    down -= 1;
    upSince = performance.now();
    return `${signal}, down`;
  }

  async function slowDown({ pid }: NatsServer | Postgres, forMs: number): Promise<string> {
    const slow = await slowDiskOf(pid, WRITE_MS);
    await delay(forMs);
    await slow.stop();
    return `every write ${WRITE_MS} ms slower`;
  }

  const all = Promise.all(plan.map(disturb));
  all.catch(() => undefined);
  return {
    suffered,
    get away() {
      return down > 0 || performance.now() - upSince < MOMENT_MS;
    },
    async settled() {
      stopping.abort();
      await all;
    },
  };
}
