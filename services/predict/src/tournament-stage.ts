import {
  type AnswerLimit,
  type CrunchConfig,
  fitMeasured,
  fitRound,
  recordSample,
  type Sample,
  samplesOf,
} from '@crunch-node/domain';
import type { Strikes } from '@crunch-node/models';
import { definePromptStage, from, type PromptStage, to } from '@crunch-node/stages/definition';
import { type Cycle, PredictionsCycleClosed, predictions, rounds } from '@crunch-node/streams';
import { withStrikes } from './stage.ts';
import type { SampleAnswer } from './tournament-ask.ts';

export interface TournamentState {
  /** failures and time-outs in a row per model, a fold of the recorded samples */
  readonly strikes: ReadonlyMap<string, Strikes>;
}

export interface TournamentContext {
  readonly partition: number;
  readonly outputType: CrunchConfig['output_type'];
  readonly limit: AnswerLimit;
  ask(
    samples: readonly Sample[],
    partition: number,
    strikes: TournamentState['strikes'],
    signal: AbortSignal,
  ): Promise<readonly SampleAnswer[]>;
}

/**
 * The predict stage of one partition in a tournament. ROUNDS holds the closings too, so it is the only input. Rounds
 * run one after the other: strikes are then a fold in the order of the log.
 */
export function tournamentStage({
  partition,
  outputType,
  limit,
  ask,
}: TournamentContext): PromptStage<TournamentState, readonly Sample[], readonly SampleAnswer[]> {
  return definePromptStage({
    reads: from(rounds),
    writes: to(predictions, partition),
    sequential: true,
    initial: (): TournamentState => ({ strikes: new Map() }),
    keeping: {
      planned: () => null,
      published: (_, { strikes }) => ({ strikes }),
      restore: (kept) => kept,
    },
    remember: (state, published) => ({ ...state, strikes: withStrikes(state.strikes, published) }),
    plan: (state, event) => ({
      state,
      work: event.type === 'TournamentRoundRequested' ? samplesOf(event, partition) : null,
    }),
    remaining(samples, isPublished) {
      const open = samples.filter(({ round_id }) => !isPublished(round_id));
      return open.length === 0 ? null : open;
    },
    ask: (samples, { strikes }, signal) => ask(samples, partition, strikes, signal),
    record: (_, answers) =>
      answers.map(({ sample, outcomes, execMs, details }) => ({
        event: fitRound(recordSample(sample, outcomes, outputType, limit), limit),
        obs: fitMeasured({ exec_ms: execMs, details }, limit),
      })),
    failures: (_, obs) => (Object.keys(obs?.details ?? {}).length > 0 ? { details: obs?.details ?? {} } : null),
    closing: ({ start, end, config_hash }: Cycle) =>
      PredictionsCycleClosed.at(end, { start, end, config_hash, partition }),
  });
}
