/** Ranks models after each cycle. */
import { adoptLeaderboards, type CrunchConfig, type RankState, rankReact, rankStart } from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { type CyclicStage, runCyclic, startStage } from '@crunch-node/stages';
import { type LeaderboardsCycleClosed, leaderboards, type SnapshotTaken, snapshots } from '@crunch-node/streams';

export function rankStage(config: CrunchConfig): CyclicStage<RankState> {
  const react = rankReact(config);
  return {
    stream: leaderboards,
    closingSubject: leaderboards.closingSubject(),
    owns: (natsSubject) => natsSubject.startsWith('leaderboards.'),
    inputs: [snapshots],
    sources: [snapshots.closingSubject()],
    initial: () => rankStart,
    react: (state, cycle, events) => react(state, cycle, events as readonly SnapshotTaken[]),
    adopt: (state, closing) => adoptLeaderboards(state, closing as LeaderboardsCycleClosed),
  };
}

export function startRank(context: ServiceContext<CrunchConfig>): Service {
  const stage = rankStage(context.config) as CyclicStage;
  return startStage('rank', context, ['all'], (context) => runCyclic([stage], context));
}
