import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer, Postgres } from '@crunch-node/embedded';
import type { ServerDisturbance } from './plan.ts';
import type { Standings } from './standings.ts';

export interface ServerSuffered extends ServerDisturbance {
  readonly outcome: 'done' | 'not reached';
}

export interface DisturbedServers {
  readonly suffered: readonly ServerSuffered[];
  /** one of them is, or was a moment ago: who connects meanwhile may fail */
  readonly away: boolean;
  /** Nothing more is done to them; resolves when both are up. */
  settled(): Promise<void>;
}

const MOMENT_MS = 10_000;

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
    const { server, how, atCycle, downMs } = disturbance;
    while (standings.cycles < atCycle && !stopping.signal.aborted)
      await delay(50, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted) {
      suffered.push({ ...disturbance, outcome: 'not reached' });
      return;
    }
    const one = server === 'Postgres' ? postgres : nats;
    down += 1;
    const order = server === 'Postgres' ? 'SIGINT' : 'SIGTERM';
    await one.kill(how === 'kill' ? 'SIGKILL' : order);
    await delay(downMs);
    await one.restart();
    down -= 1;
    upSince = performance.now();
    suffered.push({ ...disturbance, outcome: 'done' });
    const doing = how === 'kill' ? 'kill -9' : order;
    void Promise.all([standings.goesOn('project'), standings.goesOn('rank')]).then(([rows, ranking]) => {
      const ms = Math.max(rows ?? 0, ranking ?? 0);
      say(
        `  ${server.padEnd(10)} at cycle ${atCycle}  ${doing}, down for ${downMs} ms: went on after ${(ms / 1000).toFixed(1)} s`,
      );
    });
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
