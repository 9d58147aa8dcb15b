import { CrunchError } from '@crunch-node/streams/errors';
import { type ProviderClock, providerBackoffMs } from '../clock.ts';
import type { FeedReports } from '../provider.ts';

/** The source can never deliver what is configured: a retry cannot help, the operator has to act. */
export class FeedUnusable extends CrunchError {
  override readonly name = 'FeedUnusable';
  override readonly code = 'feed_unusable';
}

export interface AttemptContext {
  /** for people */
  readonly provider: string;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  readonly signal: AbortSignal;
}

/** Does it again and again, ever more slowly while it fails, until it is done. @throws {FeedUnusable} AbortError */
export async function persist<T>(
  { provider, clock, reports, signal }: AttemptContext,
  what: string,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FeedUnusable) throw error;
      const waitMs = retryMs(error, failures, clock);
      reports.notice(`${provider}: ${what} failed, trying again`, {
        reason: (error as Error).message || (error as Error).name,
        retry_ms: waitMs,
      });
      await clock.delay(waitMs, signal);
    }
  }
}

/** How long to wait after so many failures, and at least as long as the refusing service demands. */
export const retryMs = (error: unknown, failures: number, clock: ProviderClock): number =>
  Math.round(Math.max(providerBackoffMs(failures, clock), (error as { retryAfterMs?: number }).retryAfterMs ?? 0));

/** Ends a pause before its time. */
export class Waker {
  #wake: () => void = () => undefined;
  #isWoken = false;

  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Resolves after that time or when woken, also when that was before. @throws AbortError */
  async sleep(ms: number, clock: ProviderClock, signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const stop = (): void => ending.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#isWoken) resolve();
    });
    await Promise.race([woken, clock.delay(ms, ending.signal).catch(() => undefined)]);
    this.#isWoken = false;
    signal.removeEventListener('abort', stop);
    ending.abort();
    signal.throwIfAborted();
  }
}

/** The same, but over at once when the signal aborts: drivers finish what they began in their own time. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  work.catch(() => undefined);
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
