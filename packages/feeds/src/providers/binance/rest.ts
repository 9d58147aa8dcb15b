import type { ProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';
import { requestGate } from './request-gate.ts';

/** The exchange answered, but not with data. */
export class BinanceRefused extends Error {
  override readonly name = 'BinanceRefused';
  readonly status: number;
  /** Binance's own number, -1121 for an invalid symbol */
  readonly code: number | undefined;
  constructor(what: string, status: number, code?: number, message?: string) {
    super(
      `Binance refused ${what} with ${status}${code === undefined ? '' : ` (${code})`}: ${message ?? 'no reason given'}`,
    );
    this.status = status;
    this.code = code;
  }
}

export interface Answer {
  readonly body: unknown;
  /** the exchange's clock, whole seconds */
  readonly serverMs: number;
}

export interface BinanceRest {
  /**
   * Waits while the exchange asks us to, then asks once.
   * @throws {BinanceRefused} or what `fetch` throws when there is no answer
   */
  get(path: string, query: Readonly<Record<string, string | number>>, signal?: AbortSignal): Promise<Answer>;
}

const TIMEOUT_MS = 8_000;
/** When a ban does not say how long it is: bans begin at two minutes. */
const DEFAULT_PAUSE_MS: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000 };

export function binanceRest(
  baseUrl: string,
  options: { readonly weightPerMinute: number; readonly clock: ProviderClock; readonly reports: FeedReports },
): BinanceRest {
  const { clock } = options;
  const gate = requestGate(options);
  return {
    async get(path, query, signal) {
      await gate.passed(signal);
      const text = Object.entries(query)
        .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
        .join('&');
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(`${baseUrl}${path}${text === '' ? '' : `?${text}`}`, {
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      gate.sawWeight(Number(response.headers.get('x-mbx-used-weight-1m') ?? 0));
      const pauseMs = DEFAULT_PAUSE_MS[response.status];
      if (pauseMs !== undefined)
        gate.closeFor(secondsOf(response.headers.get('retry-after')) ?? pauseMs, response.status);
      const body: unknown = await response.json().catch(() => undefined);
      if (!response.ok) {
        const { code, msg } = (body ?? {}) as { code?: number; msg?: string };
        throw new BinanceRefused(`GET ${path} ${text}`, response.status, code, msg);
      }
      const serverMs = Date.parse(response.headers.get('date') ?? '');
      return { body, serverMs: Number.isNaN(serverMs) ? clock.nowMs() : serverMs };
    },
  };
}

const secondsOf = (header: string | null): number | undefined => {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
};
