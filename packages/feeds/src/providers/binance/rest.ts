import { CrunchError } from '@crunch-node/streams/errors';
import type { ProviderClock } from '../../clock.ts';
import { askJson, retryAfterMs } from '../../live/ask.ts';
import type { FeedReports } from '../../provider.ts';
import { requestGate } from './request-gate.ts';

/** The exchange responded, but without data. */
export class BinanceRefused extends CrunchError {
  override readonly name = 'BinanceRefused';
  override readonly code = 'binance_refused';
  readonly status: number;
  /** Binance's own number, -1121 for an invalid symbol */
  readonly exchangeCode: number | undefined;
  constructor(what: string, status: number, code?: number, message?: string) {
    super(
      `Binance refused ${what} with ${status}${code === undefined ? '' : ` (${code})`}: ${message ?? 'no reason given'}`,
    );
    this.status = status;
    this.exchangeCode = code;
  }
}

export interface Answer {
  readonly body: unknown;
  /** the exchange's clock, whole seconds */
  readonly serverMs: number;
}

export type Query = Readonly<Record<string, string | number | bigint>>;

export interface BinanceRest {
  /**
   * Waits while the exchange refuses requests, then sends one.
   * @throws {BinanceRefused | NoAnswer}
   */
  get(path: string, query: Query, weight: number, signal?: AbortSignal): Promise<Answer>;
  /** The exchange published how much weight a minute it allows. */
  sawLimit(weightPerMinute: number): void;
}

export interface RestOptions {
  readonly weightPerMinute: number;
  readonly timeoutMs: number;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
}

/** For a ban of unknown length: bans begin at two minutes. */
const DEFAULT_PAUSE_MS: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000 };

export function binanceRest(baseUrl: string, options: RestOptions): BinanceRest {
  const { clock, timeoutMs } = options;
  const gate = requestGate(options);
  return {
    async get(path, query, weight, signal) {
      await gate.passed(weight, signal);
      const text = Object.entries(query)
        .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
        .join('&');
      const url = `${baseUrl}${path}${text === '' ? '' : `?${text}`}`;
      const { status, headers, body } = await askJson(url, { timeoutMs, signal });
      gate.sawWeight(Number(headers.get('x-mbx-used-weight-1m') ?? 0));
      const pauseMs = DEFAULT_PAUSE_MS[status];
      if (pauseMs !== undefined)
        gate.closeFor(retryAfterMs(headers.get('retry-after'), clock.nowMs()) ?? pauseMs, status);
      const { code, msg } = (body ?? {}) as { code?: number; msg?: string };
      // Errors come with status 200 too, behind some of its load balancers.
      if (status !== 200 || (typeof code === 'number' && code < 0)) {
        throw new BinanceRefused(`GET ${path} ${text}`, status, code, msg);
      }
      const serverMs = Date.parse(headers.get('date') ?? '');
      return { body, serverMs: Number.isNaN(serverMs) ? clock.nowMs() : serverMs };
    },
    sawLimit: gate.sawLimit,
  };
}
