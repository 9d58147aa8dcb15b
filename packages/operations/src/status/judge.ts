import type { Standing } from '@crunch-node/stages';
import { allStreams, type Instant, secondsBetween, streamCapturing } from '@crunch-node/streams';

/**
 * - `unowned`: no instance holds the lease
 * - `stopped`: the same, of a replay with nothing left to do: it has ended, or continues at the next start
 * - `starting`: owned, and nothing reported yet
 * - `idle`: nothing to do
 * - `working`: something to do, and making progress
 * - `frozen`: something to do, and no progress
 */
export type Activity = 'unowned' | 'stopped' | 'starting' | 'idle' | 'working' | 'frozen';

/** One partition of a stage, or one projection. */
export interface StateVerdict {
  readonly activity: Activity;
  /** end of the last cycle it has closed, or the event time of the last event in its rows */
  readonly reached: Instant | null;
  /** event time to the newest cycle of FEEDS */
  readonly behind_seconds: number | null;
  /** messages of its inputs it has not read; null when unknown */
  readonly behind_messages: number | null;
  readonly messages_per_second: number | null;
  /** at that rate, without new messages */
  readonly catch_up_seconds: number | null;
  /** closings it waits for */
  readonly waits_for: readonly string[];
  /** how long there was no progress with something to do */
  readonly still_seconds: number | null;
}

export interface StageLook {
  /** null: no instance holds the lease */
  readonly owner: string | null;
  /** what the owner published with its last renewal; null before the first */
  readonly standing: Standing | null;
  readonly reached: Instant | null;
  /** end of the newest cycle of FEEDS */
  readonly newest: Instant | null;
  /** its inputs, with their last sequences */
  readonly inputs: Readonly<Record<string, number>>;
}

/**
 * A replay that has ended needs no owner: every stage has closed every cycle, and none is at work.
 * @param stages all of them, as judged by {@link judgeStage}
 */
export const isReplayOver = (stages: readonly StateVerdict[]): boolean =>
  stages.every(
    ({ activity, reached, behind_seconds }) => activity === 'unowned' && reached !== null && behind_seconds === 0,
  );

export interface FrozenAfter {
  /** how long without progress while work waits until it counts as frozen */
  readonly frozenMs: number;
}

/** @param earlier the previous sample, for a rate */
export function judgeStage(look: StageLook, earlier: StageLook | null, { frozenMs }: FrozenAfter): StateVerdict {
  const { owner, standing, reached, newest, inputs } = look;
  const behind_seconds = secondsBehind(reached, newest);
  const unknown = { reached, behind_seconds, behind_messages: null, messages_per_second: null, catch_up_seconds: null };
  if (owner === null || standing === null) {
    return { activity: owner === null ? 'unowned' : 'starting', ...unknown, waits_for: [], still_seconds: null };
  }
  const unread = (streams: readonly string[]): number =>
    streams.reduce((sum, name) => sum + Math.max(0, (inputs[name] ?? 0) - (standing.read[name] ?? 0)), 0);
  const behind_messages = unread(Object.keys(inputs));
  // What it has read ahead is no work while it waits for another input.
  const waited = standing.waits_for.flatMap((address) => streamCapturing(allStreams, address)?.name ?? []);
  const hasWork = standing.pending > 0 || unread(waited.length > 0 ? waited : Object.keys(inputs)) > 0;
  const isStill = standing.still_ms >= frozenMs;
  const messages_per_second = rateOf(standing, earlier?.standing ?? null);
  return {
    activity: hasWork ? (isStill ? 'frozen' : 'working') : 'idle',
    reached,
    behind_seconds,
    behind_messages,
    messages_per_second,
    catch_up_seconds: secondsFor(behind_messages, messages_per_second),
    waits_for: standing.waits_for,
    still_seconds: hasWork ? standing.still_ms / 1000 : null,
  };
}

/**
 * In live pace, ingest has work at each end of a cycle: it is frozen when one is overdue.
 * @param dueMs the latest time at which the open cycle should be closed, unix milliseconds
 */
export const judgeLiveIngest = (
  verdict: StateVerdict,
  dueMs: number,
  nowMs: number,
  { frozenMs }: FrozenAfter,
): StateVerdict =>
  verdict.activity === 'unowned' || verdict.activity === 'starting' || nowMs < dueMs + frozenMs
    ? verdict
    : { ...verdict, activity: 'frozen', still_seconds: (nowMs - dueMs) / 1000 };

export interface ProjectionLook {
  readonly position: number;
  readonly last: number;
  readonly reached: Instant | null;
  readonly newest: Instant | null;
  readonly atMs: number;
}

/** A projection reports only its position: progress shows as a difference between two samples. */
export function judgeProjection(look: ProjectionLook, earlier: ProjectionLook | null): StateVerdict {
  const behind_messages = Math.max(0, look.last - look.position);
  const seconds = earlier === null ? 0 : (look.atMs - earlier.atMs) / 1000;
  const rate = earlier === null || seconds <= 0 ? null : Math.max(0, look.position - earlier.position) / seconds;
  const isStill = rate === 0;
  // Ahead of the log: the log was sampled a moment before, or it has lost its end and the projection halted.
  const hasWork = look.position !== look.last;
  return {
    activity: hasWork ? (isStill ? 'frozen' : 'working') : 'idle',
    reached: look.reached,
    behind_seconds: behind_messages === 0 ? 0 : secondsBehind(look.reached, look.newest),
    behind_messages,
    messages_per_second: rate,
    catch_up_seconds: secondsFor(behind_messages, rate),
    waits_for: [],
    still_seconds: hasWork && isStill ? seconds : null,
  };
}

const secondsBehind = (reached: Instant | null, newest: Instant | null): number | null =>
  reached === null || newest === null ? null : Math.max(0, secondsBetween(reached, newest));

function rateOf(now: Standing, before: Standing | null): number | null {
  if (before === null || now.clock_ms <= before.clock_ms) return null;
  const read = (standing: Standing): number => Object.values(standing.read).reduce((sum, n) => sum + n, 0);
  return Math.max(0, read(now) - read(before)) / ((now.clock_ms - before.clock_ms) / 1000);
}

const secondsFor = (messages: number, rate: number | null): number | null => {
  if (messages === 0) return 0;
  return rate === null || rate === 0 ? null : messages / rate;
};
