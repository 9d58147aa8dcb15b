import {
  Answering,
  type AnsweringEnsemble,
  alwaysConfigured,
  type ConfiguredEnsembles,
  type CrunchConfig,
  emptyWeightBook,
  enabledEnsembles,
  fitSignal,
  forgetWeights,
  type GatheredRound,
  type KeptAnswering,
  noteWeights,
  type RoundToAnswer,
  signalId,
  signalOf,
  type WeightBook,
  weightsInForce,
} from '@crunch-node/domain';
import { definePromptStage, from, fromEach, type PromptStage, to } from '@crunch-node/stages/definition';
import {
  type EnsembleSignalled,
  type Instant,
  leaderboards,
  type Pace,
  predictions,
  SignalsCycleClosed,
  signals,
} from '@crunch-node/streams';
import { acrossChange } from './across-change.ts';
import { waitForWeights } from './wait-for-weights.ts';

export interface EnsembleContext {
  readonly config: CrunchConfig;
  readonly pace: Pace;
  /** unix microseconds; decides only at live pace, otherwise used for timestamps */
  nowUs(): number;
  /** which ensembles answer in which cycle; default: those of `config`, as if it had always been in force */
  readonly configured?: ConfiguredEnsembles;
  /** end of the last cycle of FEEDS at start: rounds up to it are answered in the order their cycles closed */
  readonly closedTo?: Instant | null;
  /** set when recomputing signals published live */
  readonly weightsOf?: WeightsOf;
  /** when recomputing: what is recorded of an ensemble about a round */
  readonly recordedOf?: RecordedSignal;
}

export type RecordedSignal = (name: string, round: GatheredRound) => Promise<EnsembleSignalled | undefined>;

/**
 * The end of the cycle whose weights a round of an ensemble is combined with (null: before there were any), where that
 * was decided before; undefined: those that are due.
 */
export type WeightsOf = (name: string, round: GatheredRound) => Promise<Instant | null | undefined> | undefined;

interface SignalAnswer {
  readonly signal: EnsembleSignalled;
  readonly signalled_us: number;
}

/** The ensemble stage: rounds are gathered from PREDICTIONS, weights are looked up in LEADERBOARDS. */
export function ensembleStage({
  config,
  pace,
  nowUs,
  configured = alwaysConfigured(config),
  closedTo = null,
  weightsOf,
  recordedOf,
}: EnsembleContext): PromptStage<Answering, readonly RoundToAnswer[], readonly SignalAnswer[], WeightBook> {
  // Recomputed rounds are answered when their cycle has closed: no subscriber waits for them.
  const own = recordedOf === undefined ? enabledEnsembles(config) : null;
  const rules = { partitions: config.partitions, configured, own, closedTo };
  const begin = (kept?: KeptAnswering): Answering => new Answering(rules, kept);
  const wait = waitForWeights(pace, nowUs);

  async function asRecorded(
    round: GatheredRound,
    ensembles: readonly AnsweringEnsemble[] | null,
  ): Promise<readonly AnsweringEnsemble[]> {
    const now = ensembles ?? (round.closed === null ? [] : await configured.find(round.closed));
    if (recordedOf === undefined || round.before === null) return now;
    const before = configured.of(round.before) ?? (await configured.find(round.before));
    return acrossChange(before, now, (name) => recordedOf(name, round));
  }

  const partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
  return definePromptStage({
    reads: fromEach(predictions, partitions),
    writes: to(signals),
    consults: {
      input: from(leaderboards),
      initial: () => emptyWeightBook,
      learn: noteWeights,
      forget: (book, { data }) => forgetWeights(book, data),
    },
    sequential: pace === 'replay',
    initial: () => begin(),
    keeping: {
      planned: (answering) => answering.kept(),
      published: (planned) => planned,
      restore: begin,
    },
    remember: (answering) => answering,
    plan(answering, event) {
      const work = answering.take(event);
      return { state: answering, work: work.length === 0 ? null : work };
    },
    remaining(work, isPublished) {
      const left = work
        .map(({ round, ensembles }) => ({
          round,
          ensembles: ensembles?.filter(({ name }) => !isPublished(signalId(name, round))) ?? null,
        }))
        .filter(({ ensembles }) => ensembles === null || ensembles.length > 0);
      return left.length === 0 ? null : left;
    },
    async ask(work, _, signal, knowledge) {
      const due = await Promise.all(
        work.map(async ({ round, ensembles }) => ({ round, ensembles: await asRecorded(round, ensembles) })),
      );
      const answered = due.filter(({ ensembles }) => ensembles.length > 0);
      await Promise.all(answered.map(({ round }) => wait(round, knowledge, signal)));
      return Promise.all(
        answered.flatMap(({ round, ensembles }) =>
          ensembles.map(async (ensemble) => {
            const decided = await weightsOf?.(ensemble.name, round);
            const by = decided === undefined ? round.weights_by : decided;
            const weights = weightsInForce(knowledge.current, ensemble.name, by);
            const signal = fitSignal(signalOf(ensemble, round, weights, config), config);
            return { signal, signalled_us: nowUs() };
          }),
        ),
      );
    },
    record: (_, published) =>
      published.map(({ signal, signalled_us }) => ({ event: signal, obs: { timing: { signalled_us } } })),
    closing: ({ start, end, config_hash }) => SignalsCycleClosed.at(end, { start, end, config_hash }),
  });
}
