import { setTimeout as delay } from 'node:timers/promises';
import { byKind, type CrunchConfig } from '@crunch-node/domain';
import { StreamFullError } from '@crunch-node/eventlog';
import { createProvider, type FeedReports, type Provider } from '@crunch-node/feeds';
import { aborted, handleCommands, type Service, type ServiceContext, together } from '@crunch-node/service';
import { holdSole, type LoopContext, startStage } from '@crunch-node/stages';
import { type Clock, systemClock } from './clock.ts';
import { count } from './feed-publisher.ts';
import { FeedWriter } from './feed-writer.ts';
import type { IngestContext } from './ingest-context.ts';
import { runLive } from './live-pace.ts';
import { redriveCommands } from './redrive.ts';
import { type RejectedRows, Rejections } from './rejections.ts';
import { runReplay } from './replay-pace.ts';
import { runTournament } from './tournament-pace.ts';

export interface IngestOptions {
  /** default: the provider the configuration names */
  readonly provider?: (reports: FeedReports) => Provider;
  readonly clock?: Clock;
  /** pause before a full stream is tried again, default 5 s */
  readonly fullRetryMs?: number;
}

export interface IngestService extends Service {
  readonly provider: Provider;
  /** Replay: resolves when all data is published and closed. Live: when the service ends. Rejects as `ended` does. */
  readonly finished: Promise<void>;
  /** Rows of the feed that were no records, since this process began. */
  rejected(): RejectedRows;
}

/** How long appends in flight may take when ownership ends; the next owner publishes what was not stored. */
const DRAIN_MS = 3_000;

/**
 * Starts the one writer of FEEDS. Of several instances one works, the others wait for the lease.
 * Counts: records, closings, duplicates, late_records, rejected (and rejected_<reason>), gaps, missing_candles.
 * @throws {UnknownProvider | InvalidFeedOption} at once
 */
export async function startIngest(
  context: ServiceContext<CrunchConfig>,
  { provider: build, clock = systemClock, fullRetryMs = 5_000 }: IngestOptions = {},
): Promise<IngestService> {
  const logger = context.logger.child({ service: 'ingest' });
  const rejections = new Rejections(context.metrics, logger);
  const { reports } = rejections;
  const provider = build?.(reports) ?? createProvider(context.config.feed, reports);
  if (provider.pace !== context.pace) {
    throw new RangeError(`expected a ${context.pace} feed, received ${provider.name}, whose pace is ${provider.pace}`);
  }
  let finish: () => void = () => undefined;
  const publishedAll = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const service = startStage('ingest', context, ['all'], (context) => holdSole(context, ownFeeds));

  async function ownFeeds(context: LoopContext): Promise<void> {
    const { counts } = context.vitals;
    const progress = context.leases?.[0]?.progress;
    progress?.describe(() => (rejections.rows.rows === 0 ? {} : { rejected: rejections.rows }));
    let isFinished = provider.pace === 'live';
    let processed = 0;
    progress?.countPending(() => {
      const now = (counts.records ?? 0) + (counts.closings ?? 0) + (counts.duplicates ?? 0);
      if (now !== processed) progress.moved();
      processed = now;
      return isFinished ? 0 : 1;
    });
    const allPublished = (): void => {
      finish();
      isFinished = true;
      context.vitals.detail = `${context.vitals.detail}; all of it published`;
    };
    while (!context.signal.aborted) {
      try {
        await oneRun(context, allPublished);
      } catch (error) {
        if (!(error instanceof StreamFullError)) throw error;
        count(context.vitals, 'full_streams');
        context.vitals.state = 'waiting';
        context.vitals.detail = error.message;
        context.instruments.reloaded(error.name);
        logger.error({ err: error }, 'stream full, ingest is waiting for room');
        await delay(fullRetryMs, undefined, { signal: context.signal });
        context.vitals.state = 'running';
      }
    }
  }

  /** Until the signal aborts: after all records of a replay there may be commands. */
  async function oneRun(
    { log, guard, signal, vitals, instruments, leases }: LoopContext,
    allPublished: () => void,
  ): Promise<void> {
    const publisher = log.publisher({ onStored: (...stored) => instruments.stored('all', ...stored) });
    const abandon = (): void => publisher.abandon();
    const lost = leases?.[0]?.lost;
    lost?.addEventListener('abort', abandon, { once: true });
    try {
      const writer = await FeedWriter.open(log, publisher, signal);
      const { config, configHash } = context;
      const known = { writer, log, config, configHash, guard, clock, vitals, logger };
      const follow = async (own: AbortSignal): Promise<void> => {
        const ingest: Omit<IngestContext, 'provider'> = { ...known, signal: own };
        if (provider.pace === 'replay') await runReplay({ ...ingest, provider }, reports);
        else {
          const ofFeed = () => runLive({ ...ingest, provider }, reports);
          await byKind(config, {
            realtime: ofFeed,
            trading: ofFeed,
            tournament: (config) => runTournament({ ...ingest, config, provider }, publisher, reports),
          });
        }
        if (own.aborted) return;
        await publisher.flush();
        allPublished();
        await aborted(own);
      };
      const appended = (): void => count(vitals, 'redriven');
      // First in the list, so that the failure of a command is reported, not the stop of the feed that follows from it.
      await together(signal, [
        (own) => handleCommands(redriveCommands({ log, writer, signal: own, appended }), { log, logger, signal: own }),
        follow,
      ]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await Promise.race([publisher.flush().catch(() => undefined), delay(DRAIN_MS, undefined, { ref: false })]);
      await publisher.close();
      lost?.removeEventListener('abort', abandon);
    }
  }

  const finished = Promise.race([publishedAll, service.ended]);
  finished.catch(() => undefined);
  return {
    ...service,
    provider,
    finished,
    health() {
      const health = service.health();
      return { ...health, counts: { ...health.counts, ...rejections.counts } };
    },
    rejected: () => rejections.rows,
  };
}
