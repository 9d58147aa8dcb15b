import { CrunchError } from '@crunch-node/streams/errors';
import type { ProviderClock } from '../../clock.ts';
import { jsonOf } from '../../json/index.ts';
import { retryAfterMs } from '../../live/ask.ts';
import type { FeedReports } from '../../provider.ts';
import { FeedUnusable } from '../../rows/index.ts';

/** The service responded, but without rows. */
export class RestRefused extends CrunchError {
  override readonly name = 'RestRefused';
  override readonly code = 'rest_refused';
  readonly status: number;
  /** how long it wants to be left alone */
  readonly retryAfterMs: number;
  constructor(what: string, status: number, retryAfterMs: number) {
    super(`${what} was answered with ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Asker {
  /** {@link NO_BODY} for an empty one. `what` replaces the URL in errors: the URL may hold a key. @throws {RestRefused} {FeedUnusable} */
  json(url: string, what: string, signal?: AbortSignal): Promise<unknown>;
}

/** A response without a body: there are no rows. */
export const NO_BODY = Symbol('no body');

const MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_PAUSE_MS = 60_000;
const REMEMBERED = 64;

/** Sends GET requests, keeps to the service's rate limits, and does not load again what has not changed. */
export function asker(
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  clock: ProviderClock,
  reports: FeedReports,
): Asker {
  const known = new Map<string, { readonly etag: string; readonly body: unknown }>();
  let closedUntilMs = 0;

  async function json(url: string, what: string, signal?: AbortSignal): Promise<unknown> {
    for (let nowMs = clock.nowMs(); nowMs < closedUntilMs; nowMs = clock.nowMs()) {
      await clock.delay(closedUntilMs - nowMs, signal);
    }
    const before = known.get(url);
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...headers, ...(before && { 'if-none-match': before.etag }) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      // Our headers are for this service only.
      redirect: 'manual',
    });
    if (response.status === 304 && before !== undefined) {
      await response.body?.cancel();
      return before.body;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response, what);
    }
    const body = parsed(await textOf(response, what), what);
    const etag = response.headers.get('etag');
    known.delete(url);
    if (etag !== null) known.set(url, { etag, body });
    if (known.size > REMEMBERED) known.delete(known.keys().next().value as string);
    return body;
  }

  function refusal({ status, headers: answered }: Response, what: string): Error {
    if (status === 401 || status === 403) {
      return new FeedUnusable(`${what} was answered with ${status}: check api_key and headers`);
    }
    if (status >= 300 && status < 400) {
      return new FeedUnusable(`${what} was answered with ${status}, a redirect: set url to where it leads`);
    }
    const isLimited = status === 429 || status === 503;
    const askedMs = retryAfterMs(answered.get('retry-after'), clock.nowMs());
    const pauseMs = askedMs ?? (status === 429 ? DEFAULT_PAUSE_MS : 0);
    if (isLimited && pauseMs > 0) {
      closedUntilMs = Math.max(closedUntilMs, clock.nowMs() + pauseMs);
      reports.notice('the service asks for a pause', { status, pause_seconds: pauseMs / 1000 });
    }
    return new RestRefused(what, status, isLimited ? pauseMs : 0);
  }

  return { json };
}

async function textOf(response: Response, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_BYTES) throw new Error(`${what}: expected at most ${MAX_BYTES} bytes; set a lower limit`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string, what: string): unknown {
  if (text.trim() === '') return NO_BODY;
  const body = jsonOf(text);
  if (body === undefined) throw new Error(`${what}: expected JSON, received ${JSON.stringify(text.slice(0, 80))}`);
  return body;
}
