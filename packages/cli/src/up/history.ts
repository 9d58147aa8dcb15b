import { setTimeout as delay } from 'node:timers/promises';
import { type EventLog, type LogLookup, LogUnavailable } from '@crunch-node/eventlog';
import {
  checkpoints,
  feeds,
  type Instant,
  isClosing,
  leaderboards,
  millisOf,
  type StreamDefinition,
} from '@crunch-node/streams';
import type { Progress } from '../screen.ts';
import { duration } from '../show/duration.ts';
import { count, minute } from '../show/text.ts';
import type { Survey } from './survey.ts';

const POLL_MS = 250;

export interface HistoryOptions {
  readonly log: EventLog;
  /** resolves when everything there is has been ingested and closed */
  readonly ingested: Promise<void>;
  /** rounds published so far, in this run */
  rounds(): number;
  readonly survey: Promise<Survey | null>;
  /** what the first cycle waits for beside the feed; null: nothing known */
  stalledBy?(): string | null;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Follows a replay until the closing of its last cycle has come through every stage. */
export async function followHistory(options: HistoryOptions): Promise<void> {
  const { log, progress, signal } = options;
  const startedAt = performance.now();
  let survey: Survey | null = null;
  let isIngested = false;
  let begun: Begun | null = null;
  options.survey.then((found) => {
    survey = found;
  }, ignored);
  options.ingested.then(() => {
    isIngested = true;
  }, ignored);
  try {
    for (;;) {
      signal.throwIfAborted();
      const [ranked, rewarded] = await Promise.all([
        closedTo(log, leaderboards, leaderboards.closingSubject(), signal),
        closedTo(log, checkpoints, checkpoints.closingSubject(), signal),
      ]);
      const seconds = (performance.now() - startedAt) / 1000;
      const stalledBy = ranked === null ? (options.stalledBy?.() ?? null) : null;
      begun = show({ progress, survey, reached: ranked, stalledBy, rounds: options.rounds(), seconds }, begun);
      if (isIngested) {
        const closing = await closedTo(log, feeds, feeds.closingSubject(), signal);
        // Nothing ingested is nothing to wait for.
        if (closing === null || (ranked !== null && ranked >= closing && rewarded !== null && rewarded >= closing))
          return;
      }
      await delay(POLL_MS, undefined, { signal });
    }
  } finally {
    progress.end();
  }
}

export const HISTORY_FORMAT = '{at}  {rounds} rounds  {rate} a second  {left}';

/** Progress when this run was first measured: the work of earlier runs must not count towards its speed. */
interface Begun {
  readonly done: number;
  readonly seconds: number;
}

/** `3 min left`; empty while it cannot be estimated. */
export function timeLeft(begun: Begun | null, done: number, total: number, seconds: number): string {
  if (begun === null || done <= begun.done || done >= total) return '';
  const perSecond = (done - begun.done) / (seconds - begun.seconds);
  return `${duration(Math.ceil((total - done) / perSecond))} left`;
}

interface Shown {
  readonly progress: Progress;
  readonly survey: Survey | null;
  readonly reached: Instant | null;
  readonly stalledBy: string | null;
  readonly rounds: number;
  readonly seconds: number;
}

/** @returns the first that could be measured */
function show({ progress, survey, reached, stalledBy, rounds, seconds }: Shown, begun: Begun | null): Begun | null {
  const { first = null, last = null } = survey ?? {};
  const isKnown = first !== null && last !== null;
  const total = isKnown ? Math.max(1, millisOf(last) - millisOf(first)) : 1;
  const done = isKnown && reached !== null ? Math.min(total, Math.max(0, millisOf(reached) - millisOf(first))) : 0;
  const facts = {
    at: reached === null ? (stalledBy ?? 'waiting for the first cycle') : minute(reached),
    rounds: count(rounds),
    rate: count(seconds > 0 ? rounds / seconds : 0),
    left: timeLeft(begun, done, total, seconds),
  };
  progress.update(done, total, facts);
  return begun ?? (isKnown && reached !== null ? { done, seconds } : null);
}

/** End of the last cycle closed on a subject. Waits while the log is away, since the stages do so too. */
export async function closedTo(
  log: Pick<LogLookup, 'last'>,
  stream: StreamDefinition,
  natsSubject: string,
  signal: AbortSignal,
): Promise<Instant | null> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const last = await log.last(stream, natsSubject);
      return last !== null && isClosing(last.event) ? last.event.data.end : null;
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      await delay(POLL_MS, undefined, { signal });
    }
  }
}

/** The owner of the promise reports its failure. */
const ignored = (): void => undefined;
