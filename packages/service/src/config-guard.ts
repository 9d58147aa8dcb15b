import { setTimeout as delay } from 'node:timers/promises';
import type { LogLookup } from '@crunch-node/eventlog';
import { control } from '@crunch-node/streams';
import type { Logger } from 'pino';

const POLL_MS = 1_000;

/** Checks whether the configuration of this process is the active one. */
export interface ConfigGuard {
  readonly active: boolean;
  /** Resolves at once while it is; otherwise logs that it waits, and waits. */
  untilActive(signal: AbortSignal): Promise<void>;
  stop(): void;
}

/** Follows `control.config`. A service whose hash differs from the active one must neither decide nor publish. */
export function guardConfig(log: LogLookup, configHash: string, logger: Logger): ConfigGuard {
  const stopping = new AbortController();
  let active = false;
  let checked: Promise<void> = check();

  async function check(): Promise<void> {
    const last = await log.last(control, 'control.config');
    const was = active;
    active = last?.event.data.config_hash === configHash;
    if (was && !active)
      logger.warn({ active: last?.event.data.config_hash, own: configHash }, 'another configuration is active');
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await delay(POLL_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      // An unreachable server changes nothing: publishing is not possible meanwhile either.
      checked = check().catch(() => undefined);
      await checked;
    }
  }
  void checked.catch(() => undefined).then(follow);

  return {
    get active() {
      return active;
    },
    async untilActive(signal) {
      if (active) return;
      await checked.catch(() => undefined);
      let isLogged = false;
      while (!active) {
        if (!isLogged) logger.info({ own: configHash }, 'waiting for activation');
        isLogged = true;
        await delay(50, undefined, { signal });
      }
    },
    stop: () => stopping.abort(),
  };
}
