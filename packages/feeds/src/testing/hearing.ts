import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedRecord } from '@crunch-node/domain';
import { until as soon } from '@crunch-node/embedded/testing';
import type { ProviderClock } from '../clock.ts';
import type { FeedReports, FeedRequest, FeedSink, FetchRequest, LiveProvider } from '../provider.ts';
import type { Rejection } from '../validate-record.ts';

export interface Notice {
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Records what a provider delivers. Its clock advances by each wait at once, unless it is held. */
export interface Hearing {
  held: boolean;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  readonly sink: FeedSink;
  nowMs: number;
  readonly received: FeedRecord[];
  readonly confirmed: { readonly subject: string; readonly upTo: string }[];
  readonly rejected: Rejection[];
  readonly notices: Notice[];
  readonly waits: number[];
}

export function hearing(nowMs: number): Hearing {
  const here: Hearing = {
    held: false,
    nowMs,
    received: [],
    confirmed: [],
    rejected: [],
    notices: [],
    waits: [],
    clock: {
      nowMs: () => here.nowMs,
      random: () => 0,
      async delay(ms, signal) {
        here.waits.push(ms);
        if (!here.held) here.nowMs += ms;
        await delay(1, undefined, signal && { signal });
      },
    },
    reports: {
      rejected: (rejection) => here.rejected.push(rejection),
      notice: (text, facts) => here.notices.push({ text, facts }),
    },
    sink: {
      record: (record) => here.received.push(record),
      confirmed: (subject, upTo) => here.confirmed.push({ subject, upTo }),
    },
  };
  return here;
}

export async function until(holds: () => boolean): Promise<void> {
  await soon('the provider to have done it', holds, { everyMs: 2 });
}

/** Listens while the test does its part, then stops, and fails if the provider did not end cleanly. */
export async function whileListening(
  provider: LiveProvider,
  request: FeedRequest,
  { sink }: Hearing,
  act: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const listening = provider.listen(request, sink, stop.signal);
  const ended = listening.then(() => assert.ok(stop.signal.aborted, 'the feed ended by itself'));
  try {
    await Promise.race([act(), ended.then(() => new Promise(() => undefined))]);
  } finally {
    stop.abort();
    await ended;
  }
}

/** Every page of one subject's past. @throws when a page reports a failure */
export async function pastOf(
  provider: LiveProvider,
  request: Omit<FetchRequest, 'subjects'> & { readonly subject: string },
): Promise<FeedRecord[]> {
  const { subject, ...range } = request;
  const records: FeedRecord[] = [];
  for (let startMs: number | null = range.startMs; startMs !== null; ) {
    const [page] = await provider.fetch({ ...range, subjects: [subject], startMs });
    assert.ok(page !== undefined);
    if ('error' in page) throw page.error;
    records.push(...page.records);
    assert.ok(page.nextStartMs === null || page.nextStartMs > startMs, 'a page leads on');
    startMs = page.nextStartMs;
  }
  return records;
}
