import type { Environment } from '@crunch-node/config';
import type { ReportOptions } from '@crunch-node/report';

/** Requests are aborted after half a minute: one that waits for a sequence should get an explanation before that. */
const LONGEST_WAIT_SECONDS = 25;

/** The API's limits of waits, cache and connections where the environment sets them; the rest has its defaults. */
export function reportLimits({ values }: Environment): Pick<ReportOptions, 'freshness' | 'live'> {
  const { API_MIN_SEQ_WAIT_SECONDS: wait, API_CACHE_MB: cache, API_LIVE_CONNECTIONS: connections } = values;
  return {
    freshness: {
      ...(wait !== undefined && { minSeqWaitMs: Math.min(wait, LONGEST_WAIT_SECONDS) * 1_000 }),
      ...(cache !== undefined && { cacheBytes: cache * 1024 * 1024 }),
    },
    live: connections === undefined ? {} : { maxConnections: connections },
  };
}
