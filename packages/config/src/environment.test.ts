import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyEnvironment } from './apply-environment.ts';
import { ConfigError } from './config-error.ts';
import { defineCrunch } from './define-crunch.ts';
import { describeEnvironment, type RawEnvironment, readEnvironment } from './environment.ts';
import { faultsIn } from './testing/faults-of.ts';

const faultsOf = (raw: RawEnvironment): readonly string[] => faultsIn(() => readEnvironment(raw));

describe('the environment', () => {
  it('is converted to types, blanks count as not set', () => {
    const { values } = readEnvironment({
      FEED_SUBJECTS: ' BTCUSDT, ,ETHUSDT ',
      FEED_PROVIDER: ' Binance ',
      PARTITIONS: '4',
      LATENESS_SECONDS: '2.5',
      API_READ_AUTH: 'Yes',
      CRUNCH_ID: '  ',
    });
    assert.deepEqual(values, {
      PARTITIONS: 4,
      LATENESS_SECONDS: 2.5,
      FEED_PROVIDER: 'binance',
      FEED_SUBJECTS: ['BTCUSDT', 'ETHUSDT'],
      API_READ_AUTH: true,
    });
  });

  it('reports every fault at once, by the name that was set', () =>
    assert.deepEqual(
      faultsOf({
        PARTITIONS: 'eight',
        CYCLE_SECONDS: '1.5',
        REPORT_API_PORT: '70000',
        MARKET_RECORD_TTL_DAYS: '0',
        CRUNCH_NAMESPACE: 'A b',
      }),
      [
        'CRUNCH_NAMESPACE: expected a lower-case word of at most 31 letters, digits and _, received "A b"',
        'CYCLE_SECONDS: expected a whole number, at least 1, received 1.5',
        'PARTITIONS: expected a whole number, at least 1, received "eight"',
        'MARKET_RECORD_TTL_DAYS: expected a whole number, at least 1, received 0',
        'REPORT_API_PORT: expected a port from 0 to 65535, received 70000',
      ],
    ));

  it('honours old names, and refuses two that differ', () => {
    assert.equal(readEnvironment({ FEED_SOURCE: 'pyth' }).values.FEED_PROVIDER, 'pyth');
    assert.equal(readEnvironment({ FEED_SOURCE: 'PYTH', FEED_PROVIDER: 'pyth' }).values.FEED_PROVIDER, 'pyth');
    assert.deepEqual(faultsOf({ FEED_SOURCE: 'pyth', FEED_PROVIDER: 'binance' }), [
      'FEED_PROVIDER: expected the same as its old name FEED_SOURCE, received "binance" and "pyth"; unset FEED_SOURCE',
    ]);
  });

  it('warns of unknown names, and of those without effect', () =>
    assert.deepEqual(
      readEnvironment({ FEED_SUBJETCS: 'a', HOME: '/', SCORE_INTERVAL_SECONDS: '5', FEED_OPT_seed: '7' }).warnings,
      [
        'FEED_SUBJETCS is not known and has no effect; is it misspelt?',
        'SCORE_INTERVAL_SECONDS has no effect: scoring follows the cycle; set CYCLE_SECONDS',
      ],
    ));

  it('shows no secret', () => {
    const environment = readEnvironment({ API_KEY: 'hush', CRUNCH_ID: 'a' });
    assert.deepEqual(describeEnvironment(environment), { CRUNCH_ID: 'a', API_KEY: '***' });
    assert.doesNotMatch(faultsOf({ API_KEY: 'hush', PARTITIONS: 'x' }).join(), /hush/);
  });

  it('overrides the configuration', () => {
    const raw = {
      CRUNCH_PUBKEY: 'abc',
      FEED_GRANULARITY: '5s',
      FEED_OPT_Seed: '7',
      FEED_POLL_SECONDS: '2',
      CHECKPOINT_INTERVAL_SECONDS: '60',
    };
    const config = applyEnvironment(defineCrunch(), readEnvironment(raw));
    assert.equal(config.crunch_pubkey, 'abc');
    assert.equal(config.checkpoint_interval_seconds, 60);
    assert.equal(config.feed.granularity, '5s');
    assert.deepEqual(config.feed.options, { poll_seconds: '2', seed: '7' });
  });

  it('holds how long tables keep records, only where it is set', () => {
    const feedOf = (raw: Record<string, string>) => applyEnvironment(defineCrunch(), readEnvironment(raw)).feed;
    assert.equal('record_ttl_days' in feedOf({}), false, 'a configuration without it has the hash it had');
    assert.equal(feedOf({ FEED_RECORD_TTL_DAYS: '90' }).record_ttl_days, 90);
    assert.equal(feedOf({ MARKET_RECORD_TTL_DAYS: '7' }).record_ttl_days, 7);
    assert.throws(() => feedOf({ FEED_RECORD_TTL_DAYS: '10001' }), /record_ttl_days: expected .* from 1 to 10000/);
  });

  it('is checked together with the configuration', () =>
    assert.throws(() => applyEnvironment(defineCrunch(), readEnvironment({ FEED_GRANULARITY: '1m' })), ConfigError));
});
