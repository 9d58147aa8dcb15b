import { adoptLeaderboards, type CrunchConfig, type RankState, rankReact, rankStart } from '@crunch-node/domain';
import { type CyclicStage, defineStage, from, to } from '@crunch-node/stages/definition';
import { leaderboards, snapshots } from '@crunch-node/streams';

/** Ranks models, and weighs the members of ensembles. */
export const rankStage = (config: CrunchConfig): CyclicStage<RankState> =>
  defineStage({
    reads: [from(snapshots)],
    writes: to(leaderboards),
    start: rankStart,
    react: rankReact(config),
    adopt: adoptLeaderboards,
  });
