import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { applyEnvironment } from './apply-environment.ts';
import { warningsOf } from './cross-checks.ts';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { readEnvironment } from './environment.ts';

const withOptions = (provider: string, options: Record<string, string>, factory?: FeedSettings['factory']) =>
  defineCrunch({ feed: { provider, options, factory } } as CrunchDefinition).feed.options;

/** The feed in force of a configured one in an environment. */
const inEnvironment = (feed: Partial<FeedSettings>, env: Record<string, string>) =>
  applyEnvironment(defineCrunch({ feed }), readEnvironment(env));

describe('options of the feed', () => {
  it('are those of its provider, others are refused with the names there are', () => {
    assert.throws(
      () => withOptions('rest', { intervall: '1m' }),
      /feed\.options\.intervall: expected an option of rest \(url, .*poll_seconds.*\), received "intervall"$/,
    );
    assert.throws(
      () => withOptions('pyth', { pollSeconds: '1', apikey: 'secret' }),
      (error: Error) =>
        /pollSeconds.*did you mean "poll_seconds"\?\n.*did you mean "api_key"\?/.test(error.message) &&
        !error.message.includes('secret'),
    );
    assert.deepEqual(withOptions('rest', { header_x_api_key: 'k', url: 'u' }), { header_x_api_key: 'k', url: 'u' });
    assert.deepEqual(withOptions('pyth', { feed_id_DOGE: 'f' }), { feed_id_DOGE: 'f' });
    assert.throws(() => withOptions('rest', { header_: 'k' }), /feed\.options\.header_/);
  });

  it("of an operator's own provider are what it declares, or anything", () => {
    const factory: NonNullable<FeedSettings['factory']> = () => null;
    assert.deepEqual(withOptions('tides', { anything: '1' }, factory), { anything: '1' });
    factory.options = ['height', 'label_*'];
    assert.deepEqual(withOptions('tides', { height: '1', label_a: 'x' }, factory), { height: '1', label_a: 'x' });
    assert.throws(() => withOptions('tides', { heigth: '1' }, factory), /expected an option of tides .*"height"\?/);
    assert.deepEqual(withOptions('./tides.ts', { heigth: '1' }), { heigth: '1' }); // checked when it is loaded
  });

  it('of another provider are without effect, which is a warning', () => {
    const config = defineCrunch({ feed: { provider: 'binance', options: { url: 'https://x.test', seed: '7' } } });
    const [url = '', seed = '', ...more] = warningsOf(config).filter((warning) => warning.startsWith('feed.options'));
    assert.match(url, /^feed\.options\.url: without effect, .*no option of binance \(market, .*\); did you mean "/);
    assert.match(seed, /^feed\.options\.seed: without effect/);
    assert.deepEqual(more, []);
  });

  it('of the environment are refused likewise', () => {
    assert.throws(
      () => inEnvironment({ provider: 'synthetic' }, { FEED_OPT_intervall: '1m' }),
      /feed\.options\.intervall: expected an option of synthetic/,
    );
    assert.throws(
      () => inEnvironment({}, { FEED_PROVIDER: 'rest', FEED_OPT_url: 'https://x.test', FEED_OPT_rowz: 'data' }),
      /feed\.options\.rowz: expected an option of rest .*did you mean "rows"\?/,
    );
  });

  it("of an operator's own provider go with it, where the environment chooses another one", () => {
    const factory: NonNullable<FeedSettings['factory']> = () => null;
    const own = { provider: 'tides', factory, options: { height: '3' } };
    const env = { FEED_OPT_slope: '1', FEED_OPT_days: '2', FEED_POLL_SECONDS: '3' };
    const replaced = inEnvironment(own, { ...env, FEED_PROVIDER: 'synthetic' }).feed.options;
    assert.deepEqual(replaced, { days: '2', poll_seconds: '3' });
    assert.deepEqual(inEnvironment(own, env).feed.options, { height: '3', slope: '1', days: '2', poll_seconds: '3' });
    factory.options = ['height', 'slope'];
    assert.deepEqual(inEnvironment(own, env).feed.options, { height: '3', slope: '1' });
  });
});
