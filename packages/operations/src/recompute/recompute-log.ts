import type { CrunchConfig } from '@crunch-node/domain';
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
import { type RecomputeFrom, stagesBehind } from './stages-behind.ts';

export interface RecomputeOptions {
  readonly config: CrunchConfig;
  readonly from: RecomputeFrom;
  /** pace of the log: what was decided by a clock is taken from it, in live pace */
  readonly pace: Pace;
  readonly until?: Instant;
  readonly signal: AbortSignal;
  /** cycles of which the record counts, whatever would be said today; default none */
  readonly isPast?: (cycle: Cycle) => boolean;
  /** told of what is recorded of the cycle of a writer, before `onSaid` */
  readonly onRecorded?: (events: readonly Event[]) => void;
  /** told of every cycle of every writer, as it would be said today */
  readonly onSaid?: (by: Writership, cycle: Cycle, events: readonly Event[]) => void | Promise<void>;
}

/** Says everything behind `from` anew and compares it with what is recorded, publishing nothing. */
export async function recomputeLog(
  log: EventLog,
  { config, from, pace, until, signal, isPast = () => false, onRecorded, onSaid }: RecomputeOptions,
): Promise<readonly StreamComparison[]> {
  let comparer: Comparer | undefined;
  const recordedOf = async (stage: PromptStage, id: string): Promise<Event | undefined> => {
    const events = await comparer!.recorded(stage);
    return events.find((event) => event.id === id);
  };
  const stages = stagesBehind(await withRecordedLimit(log, config), from, {
    roundsOf: (stage) => async (id) => ((await recordedOf(stage, id)) ?? null) as RoundPredicted | RoundSkipped | null,
    ...(pace === 'live' && {
      weightsOf: (stage) => async (name, round) => {
        const events = await comparer!.recorded(stage);
        const said = events.find(
          (event) =>
            event.type === 'EnsembleSignalled' &&
            (event as EnsembleSignalled).data.name === name &&
            (event as EnsembleSignalled).data.scope_key === round.scope_key &&
            (event as EnsembleSignalled).data.performed_at === round.performed_at,
        );
        return (said as EnsembleSignalled | undefined)?.data.weights_cycle_end;
      },
    }),
  });
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
      if (!isPast(cycle)) return null;
      const events = await comparer!.recorded(by);
      return events.at(-1)?.at === cycle.end ? events : null;
    },
    async said(by, cycle, events) {
      if (onRecorded !== undefined) {
        const recorded = await comparer!.recorded(by);
        if (recorded.at(-1)?.at === cycle.end) onRecorded(recorded);
      }
      await (isPast(cycle) ? comparer!.skip(by, cycle) : comparer!.said(by, cycle, events));
      await onSaid?.(by, cycle, events);
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

/** Whether the log says what today's code says. */
export const isProven = (comparisons: readonly StreamComparison[]): boolean =>
  comparisons.every(({ differences }) => differences === 0);
