import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemProviderClock } from '../../clock.ts';
import { silent } from '../../provider.ts';
import { type FakeMongo, startFakeMongo } from '../../testing/fake-mongo.ts';
import { mongodbProvider } from './index.ts';

let mongo: FakeMongo;
const settings = (options: Record<string, string>) => ({
  provider: 'mongodb',
  subjects: ['BTC'],
  kind: 'tick',
  granularity: 'tick',
  window: 120,
  backfill_minutes: 180,
  options: {
    mongodb_uri: mongo.uri,
    database: 'market',
    collection: 'events',
    subject_field: 'meta.symbol',
    timestamp_field: 'ts',
    ...options,
  },
});
before(async () => {
  mongo = await startFakeMongo();
});
after(() => mongo.stop());

describe('options of a collection', () => {
  const build = (options: Record<string, string>) => () => mongodbProvider(settings(options));
  it('are checked before anything is connected, and never reported with credentials', () => {
    assert.throws(build({ subject_field: '' }), /mongodb: expected subject_field to be a dotted path/);
    for (const bad of ['a.$b', 'a{b', 'a b', 'a\0b', 'a..b', '.a']) {
      assert.throws(build({ timestamp_field: bad }), /timestamp_field to be a dotted path/, bad);
    }
    assert.throws(build({ listen_mode: 'push' }), /listen_mode to be changestream or poll, received "push"/);
    assert.throws(build({ timestamp_type: 'text' }), /timestamp_type to be auto or datetime or numeric/);
    assert.throws(build({ initial_lookback_seconds: '-2' }), /an integer of at least -1/);
    assert.throws(build({ poll_seconds: '0.1' }), /poll_seconds to be a number of at least 0.5/);
    assert.throws(build({ subject_limit: '0' }), /subject_limit/);
    assert.throws(build({ database: '' }), /expected database to be a name, received ""/);
    assert.throws(
      build({ mongodb_uri: 'http://alice:s3cret@host/db' }),
      ({ message }: Error) => /mongodb_uri/.test(message) && !message.includes('s3cret') && !message.includes('alice'),
    );
  });

  it('keep a password out of every text', async () => {
    mongo.failures.push({ command: 'saslStart', code: 18, message: 'Authentication failed for s3cr%65t at s3cret.' });
    const uri = mongo.uri.replace('//', '//alice:s3cr%65t@').concat('?authMechanism=PLAIN&authSource=$external');
    const provider = mongodbProvider(settings({ mongodb_uri: uri }), silent, systemProviderClock);
    const stop = new AbortController();
    const sink = { record: () => undefined, confirmed: () => undefined };
    const listening = provider.listen({ subjects: ['BTC'], kind: 'tick', granularity: 'tick' }, sink, stop.signal);
    await assert.rejects(listening, (error: Error) => {
      assert.match(error.message, /does not let us read market.events \(18.*check mongodb_uri/);
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /s3cr/);
      return true;
    });
  });
});
