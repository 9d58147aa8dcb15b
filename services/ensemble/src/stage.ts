import {
  type CrunchConfig,
  type EnsembleConfig,
  emptyWeightBook,
  enabledEnsembles,
  fitSignal,
  forgetWeights,
  type GatheredRound,
  Gathering,
  type KeptGathering,
  noteWeights,
  signalId,
  signalOf,
  type WeightBook,
  weightsInForce,
} from '@crunch-node/domain';
import type { PromptStage } from '@crunch-node/stages';
import {
  type EnsembleSignalled,
  type Instant,
  type LeaderboardEvent,
  leaderboards,
  type Pace,
  type PredictionEvent,
  predictions,
  SignalsCycleClosed,
  signals,
} from '@crunch-node/streams';
import { waitForWeights } from './wait-for-weights.ts';

export interface EnsembleMeans {
  readonly config: CrunchConfig;
  readonly pace: Pace;
  /** unix microseconds; asked in live pace only, but for stamps */
  nowUs(): number;
  /** when recomputing what was said live */
  readonly weightsOf?: WeightsOf;
}

/**
 * The end of the cycle whose weights a round of an ensemble is combined with (null: before there were any), where that
 * was decided before; undefined: those that are due.
 */
export type WeightsOf = (name: string, round: GatheredRound) => Promise<Instant | null | undefined> | undefined;

/** What one ensemble has to say about one round. */
interface Due {
  readonly ensemble: EnsembleConfig;
  readonly round: GatheredRound;
}

interface Said {
  readonly signal: EnsembleSignalled;
  readonly signalled_us: number;
}

/** The ensemble stage: rounds are gathered from PREDICTIONS, weights are looked up in LEADERBOARDS. */
export function ensembleStage({
  config,
  pace,
  nowUs,
  weightsOf,
}: EnsembleMeans): PromptStage<Gathering, readonly Due[], readonly Said[], WeightBook> {
  const ensembles = enabledEnsembles(config);
  const wait = waitForWeights(pace, nowUs);
  return {
    stream: signals,
    closingSubject: signals.closingSubject(),
    owns: (natsSubject) => natsSubject.startsWith('signals.'),
    input: predictions,
    sources: Array.from({ length: config.partitions }, (_, partition) => predictions.closingSubject(partition)),
    consulted: {
      stream: leaderboards,
      initial: () => emptyWeightBook,
      learn: (book, event) => noteWeights(book, event as LeaderboardEvent),
      forget: (book, { data }) => forgetWeights(book, data),
    },
    sequential: pace === 'replay',
    initial: () => new Gathering(config.partitions),
    keeping: {
      planned: (gathering) => gathering.kept(),
      said: (planned) => planned,
      restore: (kept) => new Gathering(config.partitions, kept as KeptGathering),
    },
    remember: (gathering) => gathering,
    plan(gathering, event) {
      const rounds = gathering.take(event as PredictionEvent);
      const work = rounds.flatMap((round) => ensembles.map((ensemble) => ({ ensemble, round })));
      return { state: gathering, work: work.length === 0 ? null : work };
    },
    remaining(work, hasSaid) {
      const left = work.filter(({ ensemble, round }) => !hasSaid(signalId(ensemble.name, round)));
      return left.length === 0 ? null : left;
    },
    async ask(work, _, signal, knowledge) {
      await Promise.all([...new Set(work.map(({ round }) => round))].map((round) => wait(round, knowledge, signal)));
      return Promise.all(
        work.map(async ({ ensemble, round }) => {
          const decided = await weightsOf?.(ensemble.name, round);
          const by = decided === undefined ? round.weights_by : decided;
          const weights = weightsInForce(knowledge.current, ensemble.name, by);
          const signal = fitSignal(signalOf(ensemble, round, weights), config);
          return { signal, signalled_us: nowUs() };
        }),
      );
    },
    record: (_, said) => said.map(({ signal, signalled_us }) => ({ event: signal, obs: { timing: { signalled_us } } })),
    closing: ({ start, end, config_hash }) => SignalsCycleClosed.at(end, { start, end, config_hash }),
  };
}
