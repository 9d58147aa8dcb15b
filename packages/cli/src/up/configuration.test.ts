import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serialisablePart } from '@crunch-node/config';
import { configurationOf, demoOptionsOf } from './configuration.ts';
import { demoPacks, type UpOptions, UsageError } from './options.ts';

const given = (more: Partial<UpOptions>): UpOptions => ({ demo: true, once: false, logLevel: 'warn', ...more });

describe('the configuration of up', () => {
  let cwd: string;
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'crunch-up-'));
    for (const name of ['x_spot_solusdt_1h_2024.csv', 'x_spot_btcusdt_1m_2024.csv']) writeFileSync(join(cwd, name), '');
  });
  after(() => rmSync(cwd, { recursive: true, force: true }));

  it('prefers options to the environment', async () => {
    const options = given({ feed: 'synthetic', seed: '7', start: '2026-11-20', days: 3, speed: 'max', port: 0 });
    const { config, environment } = await configurationOf(options, { FEED_SOURCE: 'binance', FEED_OPT_seed: '1' }, cwd);
    assert.equal(config.feed.provider, 'synthetic');
    assert.deepEqual(config.feed.options, { days: '3', seed: '7', speed: 'max', start: '2026-11-20' });
    assert.equal(environment.values.REPORT_API_PORT, 0);
  });

  it('has the subjects of the recorded data', async () => {
    const { config } = await configurationOf(given({ feed: 'replay', data: ['x_spot_solusdt_1h_2024.csv'] }), {}, cwd);
    assert.deepEqual(config.feed.subjects, ['SOLUSDT']);
    assert.equal(config.feed.granularity, '1h');
    assert.equal(config.scheduled_predictions[0]?.scope_key, 'solusdt-7200s');
    assert.equal(config.feed.options.data, join(cwd, 'x_spot_solusdt_1h_2024.csv'));
  });

  it('has the same subjects in a trading competition', async () => {
    const { config } = await configurationOf(given({ pack: 'trading', data: ['x_spot_btcusdt_1m_2024.csv'] }), {}, cwd);
    assert.deepEqual(config.trading?.asset_price_mapping, { BTC: 'BTCUSDT' });
    assert.equal(config.scheduled_predictions[0]?.scope_key, 'trading-btc-60s');
  });

  it('is recognised where it is that of a demo', async () => {
    for (const pack of demoPacks) {
      const isRound = pack === 'tournament';
      const { hash, config } = await configurationOf(given(isRound ? { pack } : { pack, feed: 'synthetic' }), {}, cwd);
      const running = { hash, config: { feed: serialisablePart(config).feed ?? null } };
      const options = `--demo${pack === 'realtime' ? '' : ` --pack ${pack}`}${isRound ? '' : ' --feed synthetic'}`;
      assert.equal(await demoOptionsOf(running, {}, cwd), options);
      assert.equal(await demoOptionsOf({ ...running, hash: 'f'.repeat(64) }, {}, cwd), null);
    }
  });

  it('refuses data of several granularities', () =>
    assert.rejects(configurationOf(given({ feed: 'replay', data: ['.'] }), {}, cwd), UsageError));
});
