import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '@crunch-node/config';
import type { FeedSettings } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import { type Closers, CommandRefused, createLogger, type Service, sendCommand } from '@crunch-node/service';
import type { Event, JsonObject } from '@crunch-node/streams';
import { startBackfillOf } from '../up/backfill.ts';

/** Longer than the lease of a holder that has died. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

/** Sends commands about backfills. */
export interface BackfillClient {
  /** @throws {CommandRefused} */
  ask<E extends Event>(name: 'request' | 'cancel' | 'retry', body: JsonObject): Promise<E>;
  /** Resolves when a process works jobs off. */
  attended(): Promise<void>;
  /** this process works the jobs off, since no other does */
  isOurs(): boolean;
}

/** A service that runs already decides and works; where there is none, this process is one for as long as it lives. */
export function backfillClient(
  log: EventLog,
  environment: Environment,
  feed: FeedSettings,
  closers: Closers,
): BackfillClient {
  let ours: Service | undefined;
  async function serveIfUnserved(): Promise<void> {
    if (ours !== undefined || (await (await log.leases()).holders()).has('backfill')) return;
    const logger = createLogger(environment.values.LOG_LEVEL ?? 'warn');
    const service = startBackfillOf(environment, { log, logger, feed });
    closers.push(service.name, () => service.stop());
    ours = service;
  }
  const client: BackfillClient = {
    isOurs: () => ours?.health().state === 'running',
    async attended() {
      // The refusal of an unknown job proves that a service is running.
      await client.ask('cancel', { job_id: '' }).catch((error: unknown) => {
        if (!(error instanceof CommandRefused && error.status === 404)) throw error;
      });
    },
    async ask<E extends Event>(name: string, body: JsonObject) {
      const until = performance.now() + PATIENCE_MS;
      for (;;) {
        try {
          return (await sendCommand<E>(log, `backfills.${name}`, body)).event;
        } catch (error) {
          const mayComeYet = error instanceof CommandRefused && error.status === 503 && performance.now() < until;
          if (!mayComeYet) throw error;
          await serveIfUnserved();
          await delay(PAUSE_MS);
        }
      }
    },
  };
  return client;
}
