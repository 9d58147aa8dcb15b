import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer, Postgres } from '@crunch-node/embedded';
import type { Namespace } from '@crunch-node/streams';
import type { ChaosNats } from './nats.ts';
import type { MajorityLoss, ServerDisturbance } from './plan.ts';
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
  context: {
    nats: ChaosNats;
    namespace: Namespace;
    postgres: Postgres;
    standings: Standings;
    print(line: string): void;
  },
): DisturbedServers {
  const { nats, namespace, postgres, standings, print } = context;
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
    const one = server === 'Postgres' ? postgres : nats.server;
    if (how === 'slow disk' && !canSlowDisks()) {
      suffered.push({ ...disturbance, outcome: 'no strace' });
      print(`  ${server.padEnd(10)} at cycle ${atCycle}  NO SLOW DISK: strace is not installed, or may not trace`);
      return;
    }
    const doing = await (server === 'nats-server'
      ? inTurn(() => carryOut(one, how, forMs))
      : carryOut(one, how, forMs));
    suffered.push({ ...disturbance, outcome: 'done' });
    void Promise.all([standings.goesOn('project'), standings.goesOn('rank')]).then(([rows, ranking]) => {
      const seconds = (Math.max(rows ?? 0, ranking ?? 0) / 1000).toFixed(1);
      print(`  ${server.padEnd(10)} at cycle ${atCycle}  ${doing} for ${forMs} ms: resumed after ${seconds} s`);
    });
  }

  function carryOut(one: NatsServer | Postgres, how: ServerDisturbance['how'], forMs: number): Promise<string> {
    if (how === 'slow disk') return slowDown(one, forMs);
    if (how === 'kill' || how === 'stop') return takeDown(one, how, forMs);
    return loseOrMove(how, forMs);
  }

  /** Of three nats-servers one thing at a time: two of them killed while the third is down is the end of all three. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function loseOrMove(how: 'leader moved' | MajorityLoss, forMs: number): Promise<string> {
    if (how === 'leader moved') {
      await nats.moveLeaders(namespace);
      return how;
    }
    down += 1;
    await nats.loseMajority(how, forMs);
    down -= 1;
    upSince = performance.now();
    return how;
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
