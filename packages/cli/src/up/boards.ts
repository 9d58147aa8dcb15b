import { setTimeout as delay } from 'node:timers/promises';
import type { CrunchConfig } from '@crunch-node/domain';
import { latestLeaderboard, type ReadModel } from '@crunch-node/projections';
import type { Screen } from '../screen.ts';
import { leaderboardText } from '../show/leaderboard.ts';
import { minute } from '../show/text.ts';

const LOOK_EVERY_MS = 2_000;
/** After the first one. Long, so that the last leaderboard stays on the screen for a while. */
const SHOW_EVERY_MS = 15 * 60_000;

export interface BoardsOf {
  readonly screen: Pick<Screen, 'result'>;
  readonly readModel: ReadModel;
  readonly config: Pick<CrunchConfig, 'aggregation' | 'metrics'>;
}

/** Leaderboards on the screen while a competition runs. */
export interface Boards {
  /** Shows the first ranking as soon as there is one, then newer ones at intervals, until it is stopped. */
  follow(signal: AbortSignal): Promise<void>;
  /** The latest ranking, unless it is the one that was shown last. */
  showLast(): Promise<void>;
  /** The latest ranking has been shown by another part of the command. */
  wasShown(): Promise<void>;
}

export function boardsOf({ screen, readModel: { db }, config }: BoardsOf): Boards {
  const names = [...config.aggregation.windows.map(({ name }) => name), ...config.metrics];
  let shown: string | null = null;
  const newest = async (): Promise<string | null> => {
    const found = await db
      .selectFrom('leaderboards')
      .select(({ fn }) => fn.max('cycle_end').as('at'))
      .executeTakeFirst();
    return found?.at ?? null;
  };
  const show = async (): Promise<boolean> => {
    const at = await newest();
    if (at === null || at === shown) return false;
    const rows = await latestLeaderboard(db, ['model']);
    screen.result(
      `\nLeaderboard at ${minute(at)}, by ${config.aggregation.ranking_key}\n${leaderboardText(rows, names)}`,
    );
    shown = at;
    return true;
  };
  return {
    async follow(signal) {
      let next = 0;
      while (!signal.aborted) {
        // A read model that is away, or not there yet, is looked at again: this is only for the eye.
        const isTime = performance.now() >= next;
        if (isTime && (await show().catch(() => false))) next = performance.now() + SHOW_EVERY_MS;
        await delay(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
    async showLast() {
      await show().catch(() => false);
    },
    async wasShown() {
      shown = await newest().catch(() => shown);
    },
  };
}
