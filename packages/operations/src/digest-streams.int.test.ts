import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EventLog } from '@crunch-node/eventlog';
import { type Event, FeedRecorded, feeds, instantOfMillis, type Observations } from '@crunch-node/streams';
import { comparedOf, digestStreams, overallDigest } from './digest-streams.ts';
import { openPrivateLog } from './testing/private-log.ts';

const record = (subject: string, price: number): Event<'FeedRecorded', FeedRecorded['data']> =>
  FeedRecorded.at(instantOfMillis(60_000), {
    source: 'test',
    subject,
    kind: 'candle',
    granularity: '1m',
    ts_event: 0,
    values: { close: price },
  });

async function write(log: EventLog, events: readonly (readonly [FeedRecorded, Observations?])[]): Promise<void> {
  const publisher = log.publisher();
  for (const [event, obs] of events) {
    await publisher.append(feeds, { event, natsSubject: FeedRecorded.natsSubjectOf(event.data), ...(obs && { obs }) });
  }
  await publisher.close();
}

describe('the digest of streams', () => {
  const opened: Awaited<ReturnType<typeof openPrivateLog>>[] = [];
  before(async () => {
    for (let i = 0; i < 3; i++) opened.push(await openPrivateLog());
  });
  after(() => Promise.all(opened.map(({ close }) => close())));

  it('depends on the facts only, not on time, sequence or order', async () => {
    const [a, b, c] = opened.map(({ log }) => log) as [EventLog, EventLog, EventLog];
    await write(a, [[record('A', 1)], [record('B', 2), { host: 'one' }]]);
    await write(b, [[record('B', 2), { host: 'two' }], [record('A', 1)]]);
    await write(c, [[record('A', 1)], [record('B', 2.5)]]);
    const digests = await Promise.all([a, b, c].map((log) => digestStreams(log)));
    const [first, second, third] = digests.map((digest) => overallDigest(comparedOf(digest)));
    assert.equal(first, second);
    assert.notEqual(first, third);
    const ofFeeds = digests[0]?.find(({ stream }) => stream === 'FEEDS');
    assert.equal(ofFeeds?.events, 2);
    assert.deepEqual(
      digests[0]?.filter(({ compared }) => !compared).map(({ stream }) => stream),
      ['CONTROL', 'MODELS', 'BACKFILLS', 'DEADLETTERS'],
    );
  });
});
