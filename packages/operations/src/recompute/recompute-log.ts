import {
  type ConfiguredEnsembles,
  type CrunchConfig,
  enabledEnsembles,
  type GatheredRound,
  signalId,
} from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import {
  type Comparer,
  compareWithRecorded,
  type PromptStage,
  recompute,
  type StreamComparison,
  type Writership,
} from '@crunch-node/stages';
import type {
  Cycle,
  EnsembleSignalled,
  Event,
  Instant,
  Pace,
  RoundPredicted,
  RoundSkipped,
} from '@crunch-node/streams';
import { withRecordedLimit } from '../event-limit.ts';
import { recordedEnsembles } from './configurations.ts';
import { type RecomputeFrom, stagesBehind } from './stages-behind.ts';

export interface RecomputeOptions {
  readonly config: CrunchConfig;
  readonly from: RecomputeFrom;
  /** pace of the log: in live pace, decisions that depended on a clock are taken from it */
  readonly pace: Pace;
  readonly until?: Instant;
  readonly signal: AbortSignal;
  /** cycles that are taken as recorded instead of recomputed; default none */
  readonly isPast?: (cycle: Cycle, by: Writership) => boolean;
  /** which ensembles are active in which cycle; default: those of the configuration it closed under */
  readonly configured?: ConfiguredEnsembles;
  /** called with the recorded events of a writer's cycle, before `onRecomputed` */
  readonly onRecorded?: (events: readonly Event[]) => void;
  /** called with every recomputed cycle of every writer */
  readonly onRecomputed?: (by: Writership, cycle: Cycle, events: readonly Event[]) => void | Promise<void>;
}

/** Recomputes everything after `from` and compares it with the recorded events, publishing nothing. */
export async function recomputeLog(log: EventLog, options: RecomputeOptions): Promise<readonly StreamComparison[]> {
  const { config, from, pace, until, signal, isPast = () => false, onRecorded, onRecomputed } = options;
  const recorded = await recordedEnsembles(log);
  const configured = options.configured ?? recorded.configured;
  let comparer: Comparer | undefined;
  const recordedOf = async (stage: PromptStage, id: string): Promise<Event | undefined> => {
    const events = await comparer!.recorded(stage);
    return events.find((event) => event.id === id);
  };
  const signalOf = (stage: PromptStage) => async (name: string, round: GatheredRound) =>
    (await recordedOf(stage, signalId(name, round))) as EnsembleSignalled | undefined;
  const stages = stagesBehind(await withRecordedLimit(log, config), from, {
    roundsOf: (stage) => async (id) => ((await recordedOf(stage, id)) ?? null) as RoundPredicted | RoundSkipped | null,
    ...(pace === 'live' && {
      weightsOf: (stage) => async (name, round) => (await signalOf(stage)(name, round))?.data.weights_cycle_end,
    }),
    signalOf,
    configured,
    hasEnsembles: options.configured === undefined && recorded.hasAny,
  });
  // Without ensembles no stage closes cycles of SIGNALS any more: none of them is pending.
  const areSignalsOver = enabledEnsembles(config).length === 0;
  const writers = [...stages.prompt, ...stages.cyclic];
  const answers = new Set(stages.cyclic.filter(({ answersCommand }) => answersCommand));
  comparer = compareWithRecorded(log, writers, signal, (event) =>
    [...answers].some((stage) => stage.answersCommand!(event)),
  );
  const running = recompute({
    log,
    ...stages,
    ...(until !== undefined && { until }),
    signal,
    async instead(by, cycle) {
      if (!isPast(cycle, by)) return null;
      const events = await comparer!.recorded(by);
      return events.at(-1)?.at === cycle.end ? events : null;
    },
    async recomputed(by, cycle, events) {
      if (onRecorded !== undefined) {
        const recorded = await comparer!.recorded(by);
        if (recorded.at(-1)?.at === cycle.end) onRecorded(recorded);
      }
      if (areSignalsOver && by.stream.name === 'SIGNALS' && (await comparer!.recorded(by)).length === 0) return;
      await (isPast(cycle, by) ? comparer!.skip(by, cycle) : comparer!.recomputed(by, cycle, events));
      await onRecomputed?.(by, cycle, events);
    },
  });
  try {
    await Promise.race([running, comparer.broken]);
  } finally {
    await comparer.close();
    await running.catch(() => undefined);
  }
  return comparer.comparisons;
}

/** Whether the log equals its recomputation. */
export const isProven = (comparisons: readonly StreamComparison[]): boolean =>
  comparisons.every(({ differences }) => differences === 0);
