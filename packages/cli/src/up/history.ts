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
import { count, minute } from '../show/text.ts';
import type { Survey } from './survey.ts';

const POLL_MS = 250;

export interface HistoryOptions {
  readonly log: EventLog;
  /** resolves when everything there is has been ingested and closed */
  readonly ingested: Promise<void>;
  /** rounds said so far, in this run */
  rounds(): number;
  readonly survey: Promise<Survey | null>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Follows a replay until the closing of its last cycle has come through every stage. */
export async function followHistory(options: HistoryOptions): Promise<void> {
  const { log, progress, signal } = options;
  const startedAt = performance.now();
  let survey: Survey | null = null;
  let isIngested = false;
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
      show(progress, survey, ranked, options.rounds(), (performance.now() - startedAt) / 1000);
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

export const HISTORY_FORMAT = '{at}  {rounds} rounds  {rate} a second';

function show(progress: Progress, survey: Survey | null, reached: Instant | null, rounds: number, seconds: number) {
  const facts = {
    at: reached === null ? 'waiting for the first cycle' : minute(reached),
    rounds: count(rounds),
    rate: count(seconds > 0 ? rounds / seconds : 0),
  };
  const { first = null, last = null } = survey ?? {};
  if (first === null || last === null) return progress.update(0, 1, facts);
  const total = Math.max(1, millisOf(last) - millisOf(first));
  const done = reached === null ? 0 : Math.min(total, Math.max(0, millisOf(reached) - millisOf(first)));
  progress.update(done, total, facts);
}

/** End of the last cycle closed on a subject. Stages outlast a log that is away; so does whoever looks on. */
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

/** Whoever owns the promise reports its failure. */
const ignored = (): void => undefined;
