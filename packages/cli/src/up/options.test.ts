import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidArgumentError } from 'commander';
import { readsFeed, servicesNamed } from '../serve/services.ts';
import {
  checkedOptions,
  portNumber,
  positiveNumber,
  speed,
  type UpOptions,
  UsageError,
  withDemoLength,
} from './options.ts';

const given = (more: Partial<UpOptions>): UpOptions => ({ demo: true, once: false, logLevel: 'warn', ...more });

describe('the options of up', () => {
  it('default to a replay when data is given', () =>
    assert.equal(checkedOptions(given({ data: ['a.csv'] })).feed, 'replay'));

  it('refuse combinations that contradict each other', () => {
    const wrong: Partial<UpOptions>[] = [
      { demo: false, pack: 'trading' },
      { feed: 'replay' },
      { feed: 'synthetic', data: ['a.csv'] },
      { feed: 'binance', seed: '1' },
      { feed: 'replay', data: ['a'], start: '2026-01-01' },
      { feed: 'binance', once: true },
      { feed: 'binance', days: 2 },
      { feed: 'binance', speed: '60' },
    ];
    for (const options of wrong)
      assert.throws(() => checkedOptions(given(options)), UsageError, JSON.stringify(options));
  });

  it('make the demo six hours long where nothing else gives its length', () => {
    assert.equal(withDemoLength(given({}), {}).days, 0.25);
    assert.equal(withDemoLength(given({ pack: 'density', seed: '2' }), {}).days, 0.25);
    const others: [Partial<UpOptions>, Record<string, string>][] = [
      [{ demo: false }, {}],
      [{ feed: 'replay', data: ['a.csv'] }, {}],
      [{ feed: 'binance' }, {}],
      [{ pack: 'tournament' }, {}],
      [{}, { FEED_PROVIDER: 'binance' }],
      [{}, { FEED_OPT_days: '2' }],
      [{}, { FEED_OPT_count: '10' }],
    ];
    for (const [options, env] of others) assert.equal(withDemoLength(given(options), env).days, undefined);
    assert.equal(withDemoLength(given({ days: 30 }), {}).days, 30);
  });

  it('need data only where the feed is read', () => {
    assert.equal(checkedOptions(given({ feed: 'replay' }), { readsFeed: false }).feed, 'replay');
    assert.throws(() => checkedOptions(given({ feed: 'replay' }), { readsFeed: true }), /--feed replay needs --data/);
    assert.deepEqual(servicesNamed(['score', 'rank', 'predict', 'report', 'project']).filter(readsFeed), []);
    assert.deepEqual(servicesNamed(['score', 'ingest', 'backfill']).filter(readsFeed).sort(), ['backfill', 'ingest']);
  });

  it('are numbers where numbers are expected', () => {
    assert.equal(positiveNumber('0.5'), 0.5);
    assert.equal(portNumber('0'), 0);
    assert.equal(speed('60x'), '60x');
    for (const read of [
      () => positiveNumber('0'),
      () => positiveNumber('two'),
      () => portNumber('70000'),
      () => speed('fast'),
    ]) {
      assert.throws(read, InvalidArgumentError);
    }
  });
});
