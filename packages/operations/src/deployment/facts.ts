/** What is known of a running deployment, as numbers and texts: looked up at the edge, judged by a pure function. */
import type { FailureCount, SilentEnsemble } from '@crunch-node/projections';
import type { Status } from '../status/survey.ts';

export interface ConfigFacts {
  /** hash of the configuration found here; null: it does not load, and `fault` gives the reason */
  readonly own: string | null;
  readonly fault: string | null;
  /** of commands, with which the active one would be found; null: not known */
  readonly options?: string | null;
  readonly active: { readonly hash: string; readonly revision: number; readonly atMs: number } | null;
}

export interface FeedFacts {
  readonly subject: string;
  /** unix milliseconds of its newest record, by the feed's own time; null: none */
  readonly newestMs: number | null;
}

export interface ModelFacts {
  readonly model_id: string;
  /** null: not known */
  readonly model_name?: string | null;
  readonly state: 'running' | 'left' | 'failed' | null;
  readonly reason: string | null;
}

export interface RoundFacts {
  readonly lastMs: number | null;
  /** of the last minutes */
  readonly rounds: number;
  readonly skipped: readonly { readonly reason: string; readonly times: number }[];
  readonly answered: number;
  readonly failed: number;
  readonly absent: number;
  readonly scored: number;
  /** rounds whose ground truth is known and whose scores are overdue */
  readonly overdue: number;
  /** when the next round without a score is due, unix milliseconds; null: none waits */
  readonly nextDueMs: number | null;
  readonly lastScoredMs: number | null;
}

export interface Answered {
  readonly path: string;
  /** null: there was no answer, and `detail` gives the reason */
  readonly status: number | null;
  readonly detail: string;
}

export interface Facts {
  /** the wall clock, or in replay the time the log has reached; unix milliseconds */
  readonly nowMs: number;
  readonly pace: 'live' | 'replay';
  readonly minutes: number;
  readonly cycleSeconds: number;
  readonly latenessSeconds: number;
  /** seconds between two records; null: there is no feed */
  readonly recordSeconds: number | null;
  /** seconds between two rounds at most; null: rounds come on demand */
  readonly roundSeconds: number | null;
  readonly config: ConfigFacts;
  readonly status: Status;
  /** null: Postgres could not be queried */
  readonly feeds: readonly FeedFacts[] | null;
  readonly models: readonly ModelFacts[] | null;
  readonly rounds: RoundFacts | null;
  /** null: no address of the API is known */
  readonly api: readonly Answered[] | null;
  readonly failures: readonly FailureCount[];
  /** ensembles that give no value at present; default none */
  readonly silent?: readonly SilentEnsemble[];
  readonly deadLetters: number;
}
