import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
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

describe('the registry of providers', () => {
  it('builds a provider by name, in any case', () =>
    assert.equal(createRegistry({ silence }).create({ ...settings, provider: ' Silence ' }).name, 'silence'));

  it('lists the known providers when another one is configured', () =>
    assert.throws(() => createProvider(settings), { message: /of .*replay, .*synthetic, .*received "silence"/ }));

  it('refuses to register a name twice', () => {
    const registry = createRegistry({ silence });
    assert.throws(() => registry.register('SILENCE', silence), { name: 'ProviderAlreadyRegistered' });
    assert.throws(() => registry.register(' ', silence), /have a name/);
  });
});
