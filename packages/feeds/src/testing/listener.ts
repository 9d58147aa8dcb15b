import assert from 'node:assert/strict';
import type { FeedRecord } from '@crunch-node/domain';
import { until } from '@crunch-node/embedded/testing';
import { type ProviderClock, systemProviderClock } from '../clock.ts';
import type { FeedReports, FeedRequest, LiveProvider } from '../provider.ts';

/** Requests both subjects, whichever of them get data. */
export const btcAndEth: FeedRequest = { subjects: ['BTC', 'ETH'], kind: 'tick', granularity: 'tick' };

/** Runs a provider on the clock of this machine with short waits. One for a file of tests. */
export interface Listener {
  readonly received: FeedRecord[];
  /** reasons */
  readonly rejected: string[];
  /** text, then the facts as JSON */
  readonly notices: string[];
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  /** Until the test ends. @param room what the provider has to wait for before it delivers more */
  listen(provider: LiveProvider, request: FeedRequest, room?: () => Promise<void>): void;
  /** The error a feed ends with that cannot continue. */
  faultOf(provider: LiveProvider, request: FeedRequest): Promise<Error>;
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  /** After each test: stops, and forgets what was received. @throws if the feed did not end in order */
  end(): Promise<void>;
}

export function listener(): Listener {
  const [received, rejected, notices] = [[] as FeedRecord[], [] as string[], [] as string[]];
  let stop = new AbortController();
  let listening: Promise<void> = Promise.resolve();
  const sink = { record: (record: FeedRecord) => received.push(record), confirmed: () => undefined };
  return {
    received,
    rejected,
    notices,
    clock: {
      ...systemProviderClock,
      random: () => 0,
      delay: (ms, signal) => systemProviderClock.delay(Math.min(ms, 20), signal),
    },
    reports: {
      rejected: ({ reason }) => rejected.push(reason),
      notice: (text, facts) => notices.push(`${text} ${JSON.stringify(facts)}`),
    },
    listen(provider, request, room) {
      listening = provider.listen(request, { ...sink, ...(room && { room }) }, stop.signal);
      listening.catch(() => undefined);
    },
    faultOf: (provider, request) =>
      provider.listen(request, sink, stop.signal).then(
        () => assert.fail('expected the feed to end with a fault'),
        (error: Error) => error,
      ),
    async until(holds) {
      const seen = () => ({
        received: received.map(({ subject, at, values }) => ({ subject, at, values })),
        rejected,
        notices,
      });
      await until('the provider to deliver it', holds, { deadlineMs: 60_000, seen });
    },
    async end() {
      stop.abort();
      const ending = listening;
      stop = new AbortController();
      listening = Promise.resolve();
      for (const list of [received, rejected, notices]) list.length = 0;
      await ending;
    },
  };
}
