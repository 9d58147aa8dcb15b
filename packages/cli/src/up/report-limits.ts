import type { Environment } from '@crunch-node/config';
import type { ReportOptions } from '@crunch-node/report';

/** Handlers are given up after half a minute: who waits for a sequence should hear what it waits for. */
const LONGEST_WAIT_SECONDS = 25;

/** What the environment says of how long and how much the API waits, keeps and tells; the rest has its defaults. */
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
