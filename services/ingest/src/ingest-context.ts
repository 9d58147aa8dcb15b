import type { CrunchConfig } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import type { Provider } from '@crunch-node/feeds';
import type { ConfigGuard, Logger, Vitals } from '@crunch-node/service';
import type { Clock } from './clock.ts';
import type { FeedWriter } from './feed-writer.ts';

/** What ingest works with while it owns the lease. */
export interface IngestContext<P extends Provider = Provider> {
  readonly provider: P;
  readonly writer: FeedWriter;
  readonly log: EventLog;
  readonly config: CrunchConfig;
  readonly configHash: string;
  readonly guard: ConfigGuard;
  readonly clock: Clock;
  readonly vitals: Vitals;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}
