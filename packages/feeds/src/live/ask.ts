import { CrunchError } from '@crunch-node/streams/errors';
import { jsonOf } from '../json/index.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** undefined when the text is no JSON */
  readonly body: unknown;
}

export interface Question {
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** No response, or not all of it. Names the host and path, never the headers, which may hold a key. */
export class NoAnswer extends CrunchError {
  override readonly name = 'NoAnswer';
  override readonly code = 'no_answer';
  readonly where: string;
  constructor(where: string, reason: string, cause: unknown) {
    super(`expected an answer from ${where}, received none: ${reason}`, { cause });
    this.where = where;
  }
}

/**
 * One GET, read to its end.
 * @throws {NoAnswer} also when it takes too long; the abort's reason when the caller's signal aborts
 */
export async function askJson(url: string, { timeoutMs, headers, signal }: Question): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      ...(headers && { headers }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return { status: response.status, headers: response.headers, body: jsonOf(await response.text()) };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = timeout.aborted ? `it took longer than ${timeoutMs / 1000} s` : rootOf(error);
    throw new NoAnswer(url.replace(/\?.*$/, ''), reason, error);
  }
}

/** The message of the innermost cause, since `fetch failed` explains nothing. */
export const rootOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? rootOf(cause) : message;
};

const DAY_MS = 86_400_000;

/** `Retry-After` in milliseconds, a day at most: whole seconds or a date; undefined when it is neither. */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), DAY_MS);
}
