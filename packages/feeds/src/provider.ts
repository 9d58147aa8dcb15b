/**
 * The provider contract: where records come from. A replay provider knows the whole past and hands it over in order;
 * a live provider catches up by pages and then listens. A provider is a folder below `providers/`, its name in
 * `providers/names.ts` and a line in `providers/index.ts`.
 */

import { didYouMean, type FeedRecord, type FeedSettings, isFeedOption } from '@crunch-node/domain';
import type { FeedKey, Instant } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { Rejection } from './validate-record.ts';

/** As fast as it goes, or event time running at so many times real time. */
export type Speed = 'max' | number;

export interface ReplayProvider {
  readonly pace: 'replay';
  readonly name: string;
  readonly speed: Speed;
  /**
   * All records, ascending by `(at, feed key)` where the key is compared as `feedKeyText` by code point; equal in
   * both, they stay in the order of their source. The same on every call: a restart skips what was published before.
   */
  records(signal?: AbortSignal): AsyncIterable<FeedRecord>;
}

export interface FeedRequest {
  readonly subjects: readonly string[];
  readonly kind: string;
  readonly granularity: string;
}

export interface FetchRequest extends FeedRequest {
  /** first and last `ts_event` wanted, both inclusive, epoch milliseconds */
  readonly startMs: number;
  readonly endMs: number;
  /** at most so many records a subject */
  readonly limit: number;
}

/** One page of a subject. No records and `nextStartMs` null: there is no data; a failure is never an empty page. */
export type SubjectPage =
  | {
      readonly subject: string;
      readonly records: readonly FeedRecord[];
      /** where the next page begins; null: the range is covered */
      readonly nextStartMs: number | null;
    }
  | { readonly subject: string; readonly error: Error };

export interface ListedSubject {
  readonly symbol: string;
  readonly display_name?: string;
  readonly kinds: readonly string[];
  readonly granularities: readonly string[];
  readonly source: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Receives what a live provider delivers. Neither call may throw or wait. */
export interface FeedSink {
  record(record: FeedRecord): void;
  /** Everything of the subject with `at` up to and including that instant has been given to `record`. */
  confirmed(subject: string, upTo: Instant): void;
  /**
   * Resolves when there is room for more records of the subject. Providers that can delay their next page await it
   * first, so that no source fills memory. @throws AbortError
   */
  room?(subject: string, signal: AbortSignal): Promise<void>;
}

export interface LiveProvider {
  readonly pace: 'live';
  readonly name: string;
  /** value of the feed dimension `source` in its records */
  readonly source: string;
  list(signal?: AbortSignal): Promise<readonly ListedSubject[]>;
  /**
   * Whether `fetch` can page through the past of such a feed: null, or the reason why not, for the operator. A provider
   * without this method has no history at all, nor has a kind that only knows the present, whatever `fetch` returns.
   */
  history?(kind: string, granularity: string): string | null;
  /** One page per subject, ascending. */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<readonly SubjectPage[]>;
  /**
   * Delivers until `signal` aborts, which ends it without an error. Reconnects by itself and first fetches the records
   * of the gap. Rejects when it can never continue, with what the operator can do about it.
   */
  listen(request: FeedRequest, sink: FeedSink, signal: AbortSignal): Promise<void>;
}

export type Provider = ReplayProvider | LiveProvider;

/** What a provider reports in addition to its records. */
export interface FeedReports {
  /** A row that is not a record. It is counted and named, and the feed continues. */
  rejected(rejection: Rejection): void;
  /** A condition a person should know: a reconnect, a rate limit, a subject that fails. */
  notice(text: string, facts: Readonly<Record<string, string | number>>): void;
}

export const silent: FeedReports = { rejected: () => {}, notice: () => {} };

/** Builds a provider. Throws {@link InvalidFeedOption} for options it cannot work with. */
export interface ProviderFactory {
  (settings: FeedSettings, reports: FeedReports): Provider;
  /** names of the options it reads, `header_*` for all that begin so: others are refused. Absent: any is accepted */
  options?: readonly string[];
}

export class InvalidFeedOption extends CrunchError {
  override readonly name = 'InvalidFeedOption';
  override readonly code = 'invalid_feed_option';
  readonly provider: string;
  readonly option: string;
  constructor(provider: string, option: string, expected: string, received: unknown) {
    super(
      `feed provider ${provider}: expected ${option} to be ${expected}, received ${JSON.stringify(received) ?? 'nothing'}`,
    );
    this.provider = provider;
    this.option = option;
  }
}

/** An option that the provider does not read: a misspelt one would leave its default in force. */
export class UnknownFeedOption extends CrunchError {
  override readonly name = 'UnknownFeedOption';
  override readonly code = 'unknown_feed_option';
  readonly provider: string;
  readonly option: string;
  constructor(provider: string, option: string, known: readonly string[]) {
    super(
      `feed provider ${provider}: expected an option of ${known.join(', ') || 'none'}, ` +
        `received ${JSON.stringify(option)}${didYouMean(option, known)}`,
    );
    this.provider = provider;
    this.option = option;
  }
}

/** @param known names of the options it reads; undefined: any is accepted. @throws {UnknownFeedOption} */
export function checkOptionNames(
  { provider, options }: FeedSettings,
  known: readonly string[] | undefined,
  tolerated: readonly string[] = [],
): void {
  if (known === undefined) return;
  const unknown = Object.keys(options).find((name) => !isFeedOption(name, [...known, ...tolerated]));
  if (unknown !== undefined) throw new UnknownFeedOption(provider, unknown, known);
}

export const keyOf = ({ source, subject, kind, granularity }: FeedKey): FeedKey => ({
  source,
  subject,
  kind,
  granularity,
});
