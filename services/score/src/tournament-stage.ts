import {
  type CrunchConfig,
  type TournamentScoreInput,
  type TournamentScoreState,
  tournamentScoreReact,
  tournamentScoreStart,
} from '@crunch-node/domain';
import type { CyclicStage } from '@crunch-node/stages';
import { predictions, rounds, scores } from '@crunch-node/streams';
import { roundTraces } from './traces.ts';

/** The score stage of one partition in a tournament: ROUNDS says what happened, and when cycles close. */
export function tournamentStage(config: CrunchConfig, partition: number): CyclicStage {
  const react = tournamentScoreReact(config, partition);
  const address = scores.closingSubject(partition);
  return {
    stream: scores,
    closingSubject: address,
    owns: (natsSubject) => natsSubject === address || natsSubject.startsWith(`${address}.`),
    inputs: [rounds, predictions],
    sources: [rounds.closingSubject(), predictions.closingSubject(partition)],
    ...roundTraces,
    initial: () => tournamentScoreStart,
    react: (state, cycle, events) =>
      react(state as TournamentScoreState, cycle, events as readonly TournamentScoreInput[]),
  };
}
