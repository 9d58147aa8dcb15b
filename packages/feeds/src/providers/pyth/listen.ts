import { feedKeyText } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { type ProviderClock, providerBackoffMs } from '../../clock.ts';
import { type ConnectionEnd, keepConnected } from '../../live/keep-connected.ts';
import { poll } from '../../live/poll.ts';
import type { FeedReports, FeedRequest } from '../../provider.ts';
import type { RejectionReason } from '../../validate-record.ts';
import type { PythClient } from './client.ts';
import type { Directory } from './directory.ts';
import { wellKnownFeeds } from './feed-ids.ts';
import { runHermesStream } from './hermes-stream.ts';
import { type Sample, samplesOf } from './samples.ts';

export interface PythContext {
  readonly hermes: PythClient;
  readonly directory: Directory;
  readonly transport: 'poll' | 'stream';
  readonly pollMs: number;
  readonly idleMs: number;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
}

/** What prices become. */
export interface PriceTaker {
  take(subject: string, sample: Sample): void;
  /** Prices may have been missed since the last ones. */
  interrupted(): void;
  /** All data of Hermes up to now has been received. A clock cannot know this, since Hermes may have been cut off. */
  looked?(): void;
}

/** None of the subjects is a price feed of Pyth. */
export class UnknownPriceFeed extends CrunchError {
  override readonly name = 'UnknownPriceFeed';
  override readonly code = 'unknown_price_feed';
  readonly subjects: readonly string[];
  constructor(subjects: readonly string[]) {
    const known = Object.keys(wellKnownFeeds).join(', ');
    super(
      `Pyth has no price feed for ${subjects.join(', ')}; well known are ${known}, and every BASE of a Crypto.BASE/USD ` +
        'feed. Others are given by an option feed_id_<SUBJECT>',
    );
    this.subjects = subjects;
  }
}

/** Ids in one request; the rest of the URL stays short. */
const IDS_A_REQUEST = 50;
const LATEST = '/v2/updates/price/latest';

/** Prices of all subjects until the signal aborts. @throws {UnknownPriceFeed} when there is nothing to listen to */
export async function listenToPrices(
  context: PythContext,
  { subjects, kind, granularity }: FeedRequest,
  taker: PriceTaker,
  signal: AbortSignal,
): Promise<void> {
  const { hermes, clock, reports, transport, pollMs, idleMs } = context;
  const subjectsOf = await subjectsById(context, subjects, signal);
  if (signal.aborted) return;
  const missing = new Set<string>();

  const namesOf = (id: string): string => subjectsOf.get(id)?.join(', ') ?? id;
  const rejected = (reason: RejectionReason, detail: string, origin: string): void =>
    reports.rejected({ reason, detail, origin: `pyth ${origin}` });

  function taken(body: unknown, asked: readonly string[]): void {
    const { samples, faults } = samplesOf(body);
    for (const { id, reason, detail } of faults) rejected(reason, detail, namesOf(id));
    const answered = new Set([...samples, ...faults].map(({ id }) => id));
    for (const id of asked) {
      if (answered.has(id)) missing.delete(id);
      else if (!missing.has(id)) {
        missing.add(id);
        reports.notice('Pyth has no price of a feed', { subject: namesOf(id), id });
      }
    }
    for (const sample of samples) {
      if (sample.price <= 0) rejected('not_positive', `price is ${sample.price}`, namesOf(sample.id));
      else for (const subject of subjectsOf.get(sample.id) ?? []) taker.take(subject, sample);
    }
  }

  const chunks = inChunks([...subjectsOf.keys()]);
  if (transport === 'poll') {
    await poll({
      feed: subjects.map((subject) => feedKeyText({ source: 'pyth', subject, kind, granularity })).join(', '),
      intervalMs: pollMs,
      clock,
      reports,
      signal,
      async observe() {
        try {
          for (const ids of chunks) taken((await hermes.get(LATEST, queryOf(ids), signal)).body, ids);
        } catch (error) {
          taker.interrupted();
          throw error;
        }
        taker.looked?.();
      },
    });
    return;
  }
  const events = {
    opened: () => taker.interrupted(),
    event(body: unknown) {
      const { parsed } = (body ?? {}) as { parsed?: unknown };
      if (Array.isArray(parsed)) taken(body, []);
      else rejected('unreadable', body === undefined ? 'no JSON' : 'no parsed prices', 'stream');
      taker.looked?.();
    },
  };
  const run = (ids: readonly string[]) => async (): Promise<ConnectionEnd> => {
    const end = await runHermesStream(hermes, queryOf(ids), { idleMs, clock }, events, signal);
    taker.interrupted();
    return end;
  };
  await Promise.all(chunks.map((ids) => keepConnected({ name: 'Pyth', clock, reports, signal, run: run(ids) })));
}

const inChunks = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / IDS_A_REQUEST) }, (_, i) =>
    ids.slice(i * IDS_A_REQUEST, (i + 1) * IDS_A_REQUEST),
  );

const queryOf = (ids: readonly string[]): string =>
  `?${ids.map((id) => `ids[]=${id}`).join('&')}&parsed=true&ignore_invalid_price_ids=true`;

/** Feeds of the subjects by id; requested until there is a response. */
async function subjectsById(
  { directory, clock, reports }: PythContext,
  subjects: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  for (let failures = 0; ; ) {
    try {
      const feeds = await Promise.all(subjects.map((subject) => directory.feedOf(subject, signal)));
      const unknown = subjects.filter((_, i) => feeds[i] === null);
      if (unknown.length === subjects.length) throw new UnknownPriceFeed(unknown);
      for (const subject of unknown) reports.notice('Pyth has no such price feed, it stays silent', { subject });
      const byId = new Map<string, string[]>();
      feeds.forEach((feed, i) => {
        if (feed !== null) byId.set(feed.id, [...(byId.get(feed.id) ?? []), subjects[i]!]);
      });
      return byId;
    } catch (error) {
      if (signal.aborted) return new Map();
      if (error instanceof UnknownPriceFeed) throw error;
      const waitMs = Math.round(providerBackoffMs(failures++, clock));
      const reason = (error as Error).message;
      reports.notice('cannot ask Pyth for its price feeds, trying again', { reason, retry_ms: waitMs });
      await clock.delay(waitMs, signal).catch(() => undefined);
    }
  }
}
