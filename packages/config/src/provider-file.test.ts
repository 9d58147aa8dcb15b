import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { loadConfig } from './load.ts';
import { isProviderFile, nameOfFile } from './provider-file.ts';
import { describeConfig, serialisablePart } from './serialise.ts';

const LIVE = `{ pace: 'live', name: 'mine', source: 'mine', list() {}, fetch() {}, listen() {} }`;

describe("a provider of the operator's own", () => {
  let cwd: string;
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'crunch-provider-'));
    const config = (provider: string) =>
      `export default { feed: { provider: '${provider}', options: { header_x: 'y' } } };`;
    await Promise.all(
      Object.entries({
        'good.mjs': `export default () => (${LIVE});`,
        'named.mjs': `export const provider = () => (${LIVE}); export const other = provider;`,
        'nothing.mjs': 'export const a = 1;',
        'value.mjs': 'export default { pace: 1 };',
        'throws.mjs': `export default () => { throw new Error('no key'); };`,
        'later.mjs': `export default async () => (${LIVE});`,
        'half.mjs': `export default () => ({ pace: 'live', name: 'half', list() {} });`,
        'broken.mjs': 'export default (',
        'crunch.config.mjs': config('./good.mjs'),
        'declares.mjs': `const provider = () => (${LIVE}); provider.options = ['header_*', 'height']; export default provider;`,
        'lists.mjs': `const provider = () => (${LIVE}); provider.options = 'height'; export default provider;`,
        'declares.config.mjs': config('./declares.mjs'),
      }).map(([name, text]) => writeFile(join(cwd, name), text)),
    );
  });
  after(() => rm(cwd, { recursive: true }));
  const load = async (env: Record<string, string>) => (await loadConfig({ env, cwd })).config;
  const build = ({ factory, ...feed }: FeedSettings): unknown => factory?.(feed, undefined as never);

  it('is named by the environment or next to the configuration module', async () => {
    for (const env of [
      { FEED_PROVIDER_MODULE: './good.mjs' },
      { FEED_PROVIDER_MODULE: 'named.mjs' },
      { FEED_PROVIDER_MODULE: './named.mjs#other' },
      { CRUNCH_CONFIG_MODULE: './crunch.config.mjs' },
    ]) {
      assert.equal((build((await load(env)).feed) as { name: string }).name, 'mine', JSON.stringify(env));
    }
    assert.equal((await load({ FEED_PROVIDER_MODULE: './good.mjs' })).feed.provider, 'good');
    assert.equal((await load({ FEED_PROVIDER_MODULE: './good.mjs', FEED_PROVIDER: 'lake' })).feed.provider, 'lake');
  });

  it('refuses options that its file does not declare, but for those the environment has for other providers', async () => {
    const env = { CRUNCH_CONFIG_MODULE: './declares.config.mjs', FEED_POLL_SECONDS: '3', FEED_OPT_days: '2' };
    assert.deepEqual((await load(env)).feed.options, { header_x: 'y' });
    assert.deepEqual((await load({ ...env, FEED_OPT_height: '4' })).feed.options, { header_x: 'y', height: '4' });
    await assert.rejects(load({ ...env, FEED_OPT_heigth: '4' }), /expected an option of declares .*"height"\?/);
    const replaced = await load({ ...env, FEED_PROVIDER: 'binance', FEED_OPT_slope: '1' });
    assert.deepEqual(replaced.feed.options, { header_x: 'y', poll_seconds: '3', days: '2' });
    await assert.rejects(load({ FEED_PROVIDER_MODULE: './lists.mjs' }), /options: expected a list of names/);
  });

  it('gives way to a provider that the environment names', async () => {
    const { feed } = await load({ CRUNCH_CONFIG_MODULE: './crunch.config.mjs', FEED_PROVIDER: 'synthetic' });
    assert.deepEqual([feed.provider, feed.factory], ['synthetic', undefined]);
  });

  it('is not part of the recorded configuration, and its headers are not shown', async () => {
    const config = await load({ CRUNCH_CONFIG_MODULE: './crunch.config.mjs' });
    assert.equal(JSON.stringify(serialisablePart(config)).includes('factory'), false);
    assert.deepEqual((describeConfig(config).feed as { options: unknown }).options, { header_x: '***' });
  });

  it('is reported with its file and what was expected when it does not work', async () => {
    const faults: Record<string, RegExp> = {
      './missing.mjs': /The feed provider \.\/missing\.mjs: expected a file at .*missing\.mjs/,
      './nothing.mjs': /nothing\.mjs: expected an export named "default" or "provider", received a/,
      './value.mjs': /value\.mjs: expected a function \(settings, reports\) => provider, received an object with pace/,
      './broken.mjs': /The feed provider \.\/broken\.mjs: /,
    };
    for (const [module, fault] of Object.entries(faults)) {
      await assert.rejects(load({ FEED_PROVIDER_MODULE: module }), fault);
    }
    const built: Record<string, RegExp> = {
      './throws.mjs': /throws\.mjs: no key/,
      './later.mjs': /later\.mjs: expected a provider at once, received a promise/,
      './half.mjs':
        /half\.mjs has 3 faults:\n {2}source: expected a text.*\n {2}fetch: expected a function.*\n {2}listen/,
    };
    for (const [module, fault] of Object.entries(built)) {
      const { feed } = await load({ FEED_PROVIDER_MODULE: module });
      assert.throws(() => build(feed), fault);
    }
  });

  it('is distinguished from a name by its slash or its ending', () => {
    assert.deepEqual(['binance', './a', 'a.ts', '/x/y.mjs#b', 'a-b_c'].map(isProviderFile), [
      false,
      true,
      true,
      true,
      false,
    ]);
    assert.deepEqual(['./Own Feed.ts', '/x/9.js', 'q.mts'].map(nameOfFile), ['own-feed', 'custom', 'q']);
  });
});
