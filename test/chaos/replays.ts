import { until } from '@crunch-node/embedded/testing';
import type { Suffered } from './instance.ts';
import type { ReplayDisturbance } from './plan.ts';
import { type CrunchProcess, startCrunchNode } from './process.ts';
import type { Standings } from './standings.ts';

export interface Replays {
  readonly suffered: readonly Suffered[];
  /** Resolves, with what went wrong, when the last one is through. */
  settled(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const TRIES = 5;

/** `crunch-node replay` during the run, killed at one place after the other, then left to end. */
export function runReplays(
  plan: readonly ReplayDisturbance[],
  context: {
    env: NodeJS.ProcessEnv;
    logFile: string;
    standings: Standings;
    serversAway(): boolean;
    print(line: string): void;
  },
): Replays {
  const { env, logFile, standings, print } = context;
  const stopping = new AbortController();
  const suffered: Suffered[] = [];
  let current: CrunchProcess | undefined;

  async function replay(crashAt?: string): Promise<CrunchProcess> {
    const arming = crashAt === undefined ? {} : { CRUNCH_CRASH_AT: crashAt };
    current = startCrunchNode(['replay'], {
      env: { ...env, ...arming },
      logFile,
      title: `replay${crashAt === undefined ? '' : ` until ${crashAt}`}`,
    });
    await current.ended;
    return current;
  }

  const serversBack = () => until('the servers', () => !context.serversAway(), { everyMs: 250 });

  async function disturb({ atCycle, at }: ReplayDisturbance): Promise<readonly string[]> {
    const isDue = (): boolean => standings.cycles >= atCycle || stopping.signal.aborted;
    await until(`cycle ${atCycle}`, isDue, { everyMs: 50, deadlineMs: Number.POSITIVE_INFINITY }); // the run has its own
    for (const place of at) {
      const disturbance = { how: 'point', at: place, times: 1 } as const;
      let { exit } = await replay(place);
      // It does not begin, or does not get so far, while a server is away.
      for (let tries = 1; exit?.signal !== 'SIGKILL' && context.serversAway() && tries < TRIES; tries++) {
        await serversBack();
        ({ exit } = await replay(place));
      }
      const outcome = exit?.signal === 'SIGKILL' ? 'done' : 'not reached';
      suffered.push({ process: 'replay', disturbance, outcome, goesOnAfterMs: null });
      print(`  replay     at cycle ${standings.cycles}  kill -9 at ${place}: ${outcome}`);
    }
    for (let tries = 1; ; tries++) {
      const { exit } = await replay();
      if (exit?.code === 0) return [];
      if (stopping.signal.aborted || (tries >= TRIES && !context.serversAway()))
        return [`replay ended with ${exit?.signal ?? `code ${exit?.code}`}`];
      await serversBack();
    }
  }
  const all = Promise.all(plan.map(disturb));
  all.catch(() => undefined);
  return {
    suffered,
    async settled() {
      return (await all).flat();
    },
    async stop() {
      stopping.abort();
      if (current !== undefined && current.exit === null) current.child.kill('SIGKILL');
      await all.catch(() => undefined);
    },
  };
}
