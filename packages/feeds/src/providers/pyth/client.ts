import { CrunchError } from '@crunch-node/streams/errors';
import type { ProviderClock } from '../../clock.ts';
import { askJson, type HttpAnswer, retryAfterMs } from '../../live/ask.ts';
import type { FeedReports } from '../../provider.ts';
import { rateGate } from './rate-gate.ts';

/** A service of Pyth responded, but without data. */
export class PythRefused extends CrunchError {
  override readonly name = 'PythRefused';
  override readonly code = 'pyth_refused';
  readonly status: number;
  constructor(what: string, status: number, remedy = '') {
    super(`Pyth refused ${what} with ${status}${remedy}`);
    this.status = status;
  }
}

export interface PythClient {
  readonly baseUrl: string;
  /** headers of every request; they hold the key, so they must never be logged or reported */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Waits while the service accepts no request, then sends one. The body is whatever JSON came with status 200.
   * @throws {PythRefused | NoAnswer}
   */
  get(path: string, query: string, signal?: AbortSignal): Promise<HttpAnswer>;
  /** Resolves when a request may be sent. */
  passed(signal?: AbortSignal): Promise<void>;
  /** The error for a status other than 200; after a rate limit no request is sent for as long as the service demands. */
  refused(path: string, status: number, headers: Headers): PythRefused;
}

export interface ClientOptions {
  readonly timeoutMs: number;
  readonly apiKey: string | undefined;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
}

const REQUESTS = 30;
const PER_MS = 10_000;
const DEFAULT_PAUSE_MS = 60_000;

export function pythClient(baseUrl: string, { timeoutMs, apiKey, clock, reports }: ClientOptions): PythClient {
  const gate = rateGate(clock, REQUESTS, PER_MS);
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const client: PythClient = {
    baseUrl,
    headers,
    passed: gate.passed,
    async get(path, query, signal) {
      await gate.passed(signal);
      const answer = await askJson(`${baseUrl}${path}${query}`, { timeoutMs, headers, signal });
      if (answer.status !== 200) throw client.refused(path, answer.status, answer.headers);
      return answer;
    },
    refused(path, status, answered) {
      if (status === 429) {
        const pauseMs = retryAfterMs(answered.get('retry-after'), clock.nowMs()) ?? DEFAULT_PAUSE_MS;
        gate.closeFor(pauseMs);
        reports.notice('rate limited by Pyth', { status, pause_seconds: pauseMs / 1000 });
      }
      const needsKey = status === 401 || status === 403;
      const option = apiKey === undefined ? ': it wants a key, give it as api_key' : ': it does not accept the api_key';
      return new PythRefused(`GET ${path}`, status, needsKey ? option : '');
    },
  };
  return client;
}
