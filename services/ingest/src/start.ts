import { setTimeout as delay } from 'node:timers/promises';
import type { CrunchConfig } from '@crunch-node/domain';
import { StreamFullError } from '@crunch-node/eventlog';
import { createProvider, type FeedReports, type Provider } from '@crunch-node/feeds';
import { aborted, type Service, type ServiceContext } from '@crunch-node/service';
import { holdSole, type LoopMeans, startStage } from '@crunch-node/stages';
import { type Clock, systemClock } from './clock.ts';
import { FeedWriter } from './feed-writer.ts';
import { runLive } from './live-pace.ts';
import { type RejectedRows, Rejections } from './rejections.ts';
import { runReplay } from './replay-pace.ts';
import { count } from './say.ts';
import type { Tenure } from './tenure.ts';
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
  /** Replay: resolves when all data is said and closed. Live: when the service ends. Rejects as `ended` does. */
  readonly finished: Promise<void>;
  /** Rows of the feed that were no records, since this process began. */
  rejected(): RejectedRows;
}

/** How long appends on the way may take when a tenure ends; the next one says again what was not stored. */
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
  const saidAll = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const service = startStage('ingest', context, ['all'], (means) => holdSole(means, ownFeeds));

  async function ownFeeds(means: LoopMeans): Promise<void> {
    const { counts } = means.vitals;
    const progress = means.tenancies?.[0]?.progress;
    progress?.describe(() => (rejections.rows.rows === 0 ? {} : { rejected: rejections.rows }));
    let isFinished = provider.pace === 'live';
    let said = 0;
    progress?.countPending(() => {
      const now = (counts.records ?? 0) + (counts.closings ?? 0) + (counts.duplicates ?? 0);
      if (now !== said) progress.moved();
      said = now;
      return isFinished ? 0 : 1;
    });
    for (;;) {
      try {
        await oneRun(means);
        break;
      } catch (error) {
        if (!(error instanceof StreamFullError)) throw error;
        count(means.vitals, 'full_streams');
        means.vitals.state = 'waiting';
        means.vitals.detail = error.message;
        means.instruments.reloaded(error.name);
        logger.error({ err: error }, 'stream full, ingest is waiting for room');
        await delay(fullRetryMs, undefined, { signal: means.signal });
        means.vitals.state = 'running';
      }
    }
    if (means.signal.aborted) return;
    finish();
    isFinished = true;
    means.vitals.detail = `${means.vitals.detail}; all of it said`;
    await aborted(means.signal);
  }

  async function oneRun({ log, guard, signal, vitals, instruments, tenancies }: LoopMeans): Promise<void> {
    const publisher = log.publisher({ onStored: (...stored) => instruments.stored('all', ...stored) });
    const abandon = (): void => publisher.abandon();
    const lost = tenancies?.[0]?.lost;
    lost?.addEventListener('abort', abandon, { once: true });
    try {
      const writer = await FeedWriter.open(log, publisher, signal);
      const { config, configHash } = context;
      const tenure: Tenure = {
        provider,
        writer,
        log,
        config,
        configHash,
        guard,
        clock,
        vitals,
        logger,
        signal,
      };
      if (provider.pace === 'replay') await runReplay({ ...tenure, provider }, reports);
      else if (config.tournament !== null) await runTournament({ ...tenure, provider }, publisher);
      else await runLive({ ...tenure, provider }, reports);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await Promise.race([publisher.flush().catch(() => undefined), delay(DRAIN_MS, undefined, { ref: false })]);
      await publisher.close();
      lost?.removeEventListener('abort', abandon);
    }
  }

  const finished = Promise.race([saidAll, service.ended]);
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
