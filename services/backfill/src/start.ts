import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { type Duck, openDuck } from '@crunch-node/archive';
import { type FeedSettings, isActive } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import { createProvider } from '@crunch-node/feeds';
import { handleCommands, type Logger, type Service, supervise, together, type Vitals } from '@crunch-node/service';
import { feedKeyText, type Instant, instantOfMicros } from '@crunch-node/streams';
import { backfillCommands } from './commands.ts';
import { type PageRetries, usualPatience } from './fetch-page.ts';
import { type Journal, openJournal } from './journal.ts';
import { bySource, faultOfFeed, type ProviderOf } from './provider-of.ts';
import { type JobContext, runJob } from './run-job.ts';

export interface BackfillOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  /** where the options of providers come from */
  readonly feed: FeedSettings;
  /** of the archive; created when needed */
  readonly dataDir: string;
  /** jobs at a time, each of another feed; default 4 */
  readonly concurrency?: number;
  /** records requested from a provider at a time, unless the job sets it; default 1000 */
  readonly pageSize?: number;
  /** default: every provider of the engine */
  readonly providerOf?: ProviderOf;
  readonly patience?: PageRetries;
  /** default 100,000 */
  readonly flushRecords?: number;
  /** default 10,000 */
  readonly flushMs?: number;
}

/** Shared by all feeds, which take turns computing. */
const LIMITS = { threads: 1, memoryMb: 512 };

/** Fills the archive of feed records from the past of its providers: the holder of the lease runs the jobs. */
export function startBackfill(options: BackfillOptions): Service {
  const logger = options.logger.child({ service: 'backfill' });
  const root = resolve(options.dataDir);
  return supervise({
    name: 'backfill',
    leaseNames: ['backfill'],
    log: options.log,
    logger,
    async runAsOwner(signal, vitals) {
      const journal = await openJournal(options.log);
      const duck = openDuck(root, LIMITS);
      try {
        await work({ options, journal, duck, root, logger, signal, vitals });
      } finally {
        duck.close();
        await journal.close();
      }
    },
  });
}

interface BackfillContext {
  readonly options: BackfillOptions;
  readonly journal: Journal;
  readonly duck: Duck;
  readonly root: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly vitals: Vitals;
}

async function work({ options, journal, duck, root, logger, signal, vitals }: BackfillContext): Promise<void> {
  const { log, feed, concurrency = 4, providerOf = createProvider } = options;
  const running = new Map<string, { readonly feed: string; readonly ending: AbortController; done: Promise<void> }>();
  let wake: () => void = () => undefined;
  const context: JobContext = {
    journal,
    duck,
    root,
    feed,
    providerOf,
    patience: options.patience ?? usualPatience,
    pageSize: options.pageSize ?? 1_000,
    flushRecords: options.flushRecords ?? 100_000,
    flushMs: options.flushMs ?? 10_000,
    logger,
    now,
  };

  async function runJobs(until: AbortSignal): Promise<void> {
    let fault: { readonly error: unknown } | undefined;
    until.addEventListener('abort', () => wake(), { once: true });
    try {
      while (!until.aborted && fault === undefined) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        for (const job of journal.jobs().filter(isActive)) {
          const key = feedKeyText(job.feed);
          if (running.size >= concurrency) break;
          if ([...running.values()].some((other) => other.feed === key)) continue;
          const ending = new AbortController();
          const stop = AbortSignal.any([until, ending.signal]);
          setMaxListeners(0, stop);
          const done = runJob(job.job_id, context, stop)
            .catch((error: unknown) => {
              fault = { error };
            })
            .finally(() => {
              running.delete(job.job_id);
              count(vitals, journal);
              wake();
            });
          running.set(job.job_id, { feed: key, ending, done });
        }
        count(vitals, journal);
        await woken;
      }
    } finally {
      for (const { ending } of running.values()) ending.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    }
    if (fault !== undefined && !until.aborted) throw fault.error;
  }

  const handlers = backfillCommands({
    journal,
    bySource: (order) => bySource(order, feed, providerOf),
    faultOfFeed: (order) => faultOfFeed(order, feed, providerOf),
    accepted: () => wake(),
    cancelled: (jobId) => running.get(jobId)?.ending.abort(),
  });
  await together(signal, [runJobs, (until) => handleCommands(handlers, { log, logger, signal: until })]);
}

function count(vitals: Vitals, journal: Journal): void {
  const jobs = journal.jobs();
  vitals.counts.jobs = jobs.length;
  vitals.counts.active_jobs = jobs.filter(isActive).length;
}

/** Jobs are requested and run outside of cycles, so they may depend on a clock. */
const now = (): Instant => instantOfMicros(Math.floor((performance.timeOrigin + performance.now()) * 1000));
