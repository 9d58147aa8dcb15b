/** Checkpoint: rewards for a period. They are money, so everything is decided from the log in canonical order. */
import {
  addSeconds,
  byCodePoint,
  CheckpointCreated,
  type CheckpointEvent,
  CheckpointsCycleClosed,
  type Cycle,
  type Instant,
  instantOfMicros,
  microsOf,
  type SnapshotTaken,
} from '@crunch-node/streams';
import { ranksAccounts } from '../competition-kinds.ts';
import type { CrunchConfig } from '../crunch-config.ts';
import type { React } from '../cyclic.ts';
import { checkpointId } from '../ids.ts';
import { type ChainHead, chainCycle, headAfter } from '../merkle/chain.ts';
import { merkleTree } from '../merkle/tree.ts';
import { fitCheckpoint } from '../sizes/fit-checkpoint.ts';
import { emissionOfPeriod } from './checked-emission.ts';
import { addToPeriod, type Period, startPeriod } from './period.ts';
import { isPaid, rankPeriod } from './ranking.ts';

export type CheckpointRules = Pick<
  CrunchConfig,
  | 'aggregation'
  | 'build_emission'
  | 'checkpoint_interval_seconds'
  | 'crunch_pubkey'
  | 'compute_provider'
  | 'data_provider'
  | 'kind'
> &
  Partial<Pick<CrunchConfig, 'max_event_bytes'>>;

export interface CheckpointState {
  readonly last_period_end: Instant | null;
  /** of all cycles so far; found again from the snapshots, as the snapshot stage found it */
  readonly chain: ChainHead | null;
  /** snapshots since the newest checkpoint */
  readonly period: Period;
  /** the period before the newest cycle's checkpoint, in case the log shows that none was made */
  readonly reached: Period;
}

export const checkpointStart: CheckpointState = {
  last_period_end: null,
  chain: null,
  period: startPeriod,
  reached: startPeriod,
};

/**
 * What was paid stays paid, and nothing is paid twice: whether a past cycle ended a period is taken from the log, also
 * when another interval is configured today. To be called with every past closing, after `react`.
 */
export const adoptCheckpoints = (state: CheckpointState, { data }: CheckpointsCycleClosed): CheckpointState => ({
  ...state,
  last_period_end: data.last_period_end,
  period: data.last_period_end === data.end ? startPeriod : state.reached,
});

export const checkpointReact =
  (rules: CheckpointRules): React<CheckpointState, SnapshotTaken, CheckpointEvent> =>
  (state, cycle, events) => {
    const taken = [...events].sort((a, b) => byCodePoint(a.data.model_id, b.data.model_id));
    const merkle = chainCycle(
      state.chain,
      cycle.end,
      taken.map(({ data }) => data),
    );
    const chain = headAfter(state.chain, merkle);
    const reached = addToPeriod(
      state.period,
      taken,
      merkle?.chained_root ?? null,
      ranksAccounts(rules) ? 'last' : 'mean',
    );
    const due = isDue(cycle, rules.checkpoint_interval_seconds)
      ? checkpointOf(rules, state.last_period_end, cycle.end, reached)
      : null;
    const created = typeof due === 'string' ? null : due;
    const faults = typeof due === 'string' ? { not_made: due } : {};
    const last_period_end = created === null ? state.last_period_end : cycle.end;
    const { start, end, config_hash } = cycle;
    const closing = CheckpointsCycleClosed.at(end, { start, end, config_hash, last_period_end, ...faults });
    return {
      state: { last_period_end, chain, period: created === null ? reached : startPeriod, reached },
      events: created === null ? [closing] : [created, closing],
    };
  };

/** The first closing at or after each multiple of the interval since the epoch. */
export function isDue({ start, end }: Pick<Cycle, 'start' | 'end'>, intervalSeconds: number): boolean {
  const interval = intervalSeconds * 1e6;
  if (start === null) return microsOf(end) % interval === 0;
  return Math.floor(microsOf(end) / interval) > Math.floor(microsOf(start) / interval);
}

/** Null when there were no snapshots, a text with the reason when it cannot be made: then the period continues. */
function checkpointOf(
  rules: CheckpointRules,
  lastPeriodEnd: Instant | null,
  end: Instant,
  period: Period,
): CheckpointCreated | string | null {
  if (period.first_cycle_end === null) return null;
  const interval = rules.checkpoint_interval_seconds;
  const ranking = rankPeriod(period, rules.aggregation);
  const { crunch_pubkey, compute_provider, data_provider } = rules;
  const payable = ranking.filter((entry) => isPaid(entry, rules.aggregation));
  const decided = emissionOfPeriod(rules.build_emission, payable, { crunch_pubkey, compute_provider, data_provider });
  if (!decided.ok) return decided.reason;
  const data: CheckpointCreated['data'] = {
    checkpoint_id: checkpointId(end),
    period_start: lastPeriodEnd ?? firstPeriodStart(period.first_cycle_end, end, interval),
    period_end: end,
    emission: decided.emission,
    snapshot_count: period.snapshot_count,
    ranking,
    merkle_root: merkleTree(period.chained_roots)?.root ?? null,
  };
  const fitting = fitCheckpoint(data, rules.aggregation, rules);
  if (fitting !== null) return CheckpointCreated.at(end, fitting);
  return `the rewards of ${data.emission.cruncher_rewards.length} models do not fit in an event: raise max_payload and activate again`;
}

/** One interval back, or further when the log had a gap: nothing that was scored goes unpaid. */
function firstPeriodStart(firstCycleEnd: Instant, end: Instant, intervalSeconds: number): Instant {
  const usual = addSeconds(end, -intervalSeconds);
  if (firstCycleEnd > usual) return usual;
  const interval = intervalSeconds * 1e6;
  return instantOfMicros((Math.ceil(microsOf(firstCycleEnd) / interval) - 1) * interval);
}
