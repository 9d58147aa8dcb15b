import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type FeedSettings, feedOptionNames } from '@crunch-node/domain';
import type { ReplayProvider } from './provider.ts';
import { createProvider } from './providers/index.ts';
import { createRegistry } from './registry.ts';

const settings: FeedSettings = {
  provider: 'silence',
  subjects: ['BTCUSDT'],
  kind: 'candle',
  granularity: '1m',
  window: 120,
  backfill_minutes: 180,
  options: {},
};
const silence = (): ReplayProvider => ({ pace: 'replay', name: 'silence', speed: 'max', async *records() {} });

/** Text of all sources of some providers. */
async function sourcesOfProviders(): Promise<(providers: readonly string[]) => string> {
  const root = join(import.meta.dirname, 'providers');
  const files = await readdir(root, { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const texts = await Promise.all(
    sources.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const),
  );
  return (providers) =>
    texts.flatMap(([file, text]) => (providers.some((name) => file.startsWith(`${name}/`)) ? [text] : [])).join('\n');
}

describe('the registry of providers', () => {
  it('builds a provider by name, in any case', () =>
    assert.equal(createRegistry({ silence }).create({ ...settings, provider: ' Silence ' }).name, 'silence'));

  it('lists the known providers when another one is configured', () =>
    assert.throws(() => createProvider(settings), { message: /of .*replay, .*synthetic, .*received "silence"/ }));

  it('refuses an option that the provider does not read, without showing its value', () => {
    const rest = { ...settings, provider: 'rest', options: { url: 'https://x.test', apikey: 'secret' } };
    assert.throws(() => createProvider(rest), {
      code: 'unknown_feed_option',
      message: /^feed provider rest: .* received "apikey"; did you mean "api_key"\?$/,
    });
    const registry = createRegistry({});
    registry.register(
      'own',
      Object.assign(() => silence(), { options: ['depth'] }),
    );
    assert.throws(() => registry.create({ ...settings, provider: 'own', options: { dept: '1' } }), /"depth"\?/);
    assert.equal(registry.create({ ...settings, provider: 'own', options: { depth: '1' } }).name, 'silence');
  });

  it('knows every option that providers read, and no other', async () => {
    const texts = await sourcesOfProviders();
    for (const [provider, names] of Object.entries(feedOptionNames)) {
      const text = texts(provider === 'websocket' ? ['websocket', 'rest'] : [provider]);
      for (const name of names) {
        const written = name.replace(/\*$/, '').replace(/^rest_(?!url)/, '');
        assert.ok(text.includes(`'${written}'`) || text.includes(`}${written}\``), `${provider} reads ${name}`);
      }
      const read = text.matchAll(/options\.(?:text|number|time|speed|url|required|choice|parsed)\(\s*'(\w+)'/g);
      for (const [, name = ''] of read)
        assert.ok(
          names.some((one) => one === name),
          `${provider} declares ${name}`,
        );
    }
  });

  it('refuses to register a name twice', () => {
    const registry = createRegistry({ silence });
    assert.throws(() => registry.register('SILENCE', silence), { name: 'ProviderAlreadyRegistered' });
    assert.throws(() => registry.register(' ', silence), /have a name/);
  });
});
