import { setTimeout as delay } from 'node:timers/promises';
import type { FetchRequest, LiveProvider, SubjectPage } from '@crunch-node/feeds';
import { Backoff } from '@crunch-node/streams/backoff';
import { CrunchError } from '@crunch-node/streams/errors';

export type Page = Exclude<SubjectPage, { readonly error: Error }>;

export interface PageRetries {
  /** tries of a page before the job fails */
  readonly tries: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const usualPatience: PageRetries = { tries: 6, firstPauseMs: 500, longestPauseMs: 30_000 };

/** The provider did not return a page after all retries. A page without data is not an error: that is an empty page. */
export class PageUnavailable extends CrunchError {
  override readonly name = 'PageUnavailable';
  override readonly code = 'backfill_page_unavailable';
  readonly tries: number;
  constructor(source: string, tries: number, cause: Error) {
    super(`${source} did not answer after ${tries} ${tries === 1 ? 'try' : 'tries'}: ${reasonOf(cause)}`, { cause });
    this.tries = tries;
  }
}

/** @throws {PageUnavailable} when the retries are used up, or at once when the provider refuses for good */
export async function fetchPage(
  provider: LiveProvider,
  request: FetchRequest,
  { tries, firstPauseMs, longestPauseMs }: PageRetries,
  onFailure: (error: Error, attempt: number) => void,
  signal: AbortSignal,
): Promise<Page> {
  const backoff = new Backoff({ firstMs: firstPauseMs, longestMs: longestPauseMs });
  for (let attempt = 1; ; attempt++) {
    const error = await provider.fetch(request, signal).then(
      ([page]) => {
        if (page === undefined)
          return new TypeError(`expected an answer for ${request.subjects.join()}, received none`);
        return 'error' in page ? page.error : page;
      },
      (failure: Error) => failure,
    );
    signal.throwIfAborted();
    if (!(error instanceof Error)) return error;
    if (attempt >= tries || isForGood(error)) throw new PageUnavailable(provider.name, attempt, error);
    onFailure(error, attempt);
    await delay(backoff.nextMs(), undefined, { signal });
  }
}

/** The only client errors that may be temporary. */
const PASSING = new Set([408, 418, 425, 429]);

function isForGood(error: Error): boolean {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && !PASSING.has(status);
}

/** `fetch failed` alone does not explain anything: the reason is in the cause. */
export function reasonOf(error: Error): string {
  let deepest = error;
  while (deepest.cause instanceof Error) deepest = deepest.cause;
  const reason = deepest.message || ((deepest as { code?: string }).code ?? '');
  return error.message.includes(reason) ? error.message : `${error.message}: ${reason}`;
}
