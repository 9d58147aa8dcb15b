import type { CrunchConfig } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import type { Database } from '@crunch-node/projections';
import type { Logger } from '@crunch-node/service';
import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { LiveLimits } from './live/limits.ts';
import type { OperationsPort } from './operations/port.ts';

/** The part of the configuration reports need. */
export type ReportConfig = Pick<
  CrunchConfig,
  'crunch_id' | 'crunch_pubkey' | 'network' | 'aggregation' | 'metrics' | 'score_type'
> &
  Partial<
    Pick<
      CrunchConfig,
      'ensembles' | 'kind' | 'tournament' | 'partitions' | 'scoring_function' | 'performance' | 'decimals'
    >
  >;

export interface ArchiveOptions {
  /** default `data/backfill` */
  readonly dir?: string;
  /** maximum records of a response; default 1,000,000 */
  readonly rowLimit?: number;
}

/** What a route plugin is passed. */
export interface RouteContext {
  readonly db: Kysely<Database>;
  readonly config: ReportConfig;
  readonly version: string;
  /** where commands are sent; without it, routes that change something respond 503 */
  readonly log?: EventLog;
  readonly archive?: ArchiveOptions;
  /** without it, `/operations` responds 503 */
  readonly operations?: OperationsPort;
  /** of live events; default {@link liveLimits} */
  readonly live?: Partial<LiveLimits>;
  readonly logger?: Logger;
  /** Default end of a time range: the wall clock, or in replay the time the log has reached. */
  now(): Promise<Instant>;
}
