import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch } from './define-crunch.ts';
import { demoPack } from './packs/demo.ts';
import { realtimePack } from './packs/realtime.ts';
import { tournamentPack } from './packs/tournament.ts';
import { tradingPack } from './packs/trading.ts';
import { configHash, describeConfig, serialisablePart } from './serialise.ts';

const withOptions = (options: Readonly<Record<string, string>>) =>
  defineCrunch({ ...demoPack, feed: { ...demoPack.feed, options } });

describe('a serialised configuration', () => {
  it('has the hash it had in earlier releases', () => {
    const hashes = { none: {}, realtimePack, tradingPack, tournamentPack };
    assert.deepEqual(
      Object.entries(hashes).map(
        ([name, definition]) => `${name} ${configHash(defineCrunch(definition)).slice(0, 16)}`,
      ),
      [
        'none b712274283baca16',
        'realtimePack 903b91fab194a71b',
        'tradingPack 34dfa593460803ac',
        'tournamentPack f7e060662fddaa89',
      ],
    );
  });

  it('has functions by name and schemas in full', () => {
    const written = serialisablePart(defineCrunch(demoPack));
    assert.equal(written.scoring_function, '<function realtimeScore>');
    assert.deepEqual(written.output_type, {
      type: 'object',
      properties: { value: { type: 'number', default: 0, minimum: -1e9, maximum: 1e9 } },
      required: ['value'],
    });
    assert.deepEqual(written, JSON.parse(JSON.stringify(written)));
  });

  it('leaves out paths of a machine', () => {
    const config = withOptions({ data: '/somewhere', api_key: 'hush' });
    assert.doesNotMatch(JSON.stringify(serialisablePart(config)), /somewhere|hush/);
    assert.equal(configHash(config), configHash(defineCrunch(demoPack)));
  });

  it('masks secrets for people', () => {
    const { options } = describeConfig(
      withOptions({ data: '/somewhere', api_key: 'hush', url: 'https://me:hush@host/x' }),
    ).feed as { options: unknown };
    assert.deepEqual(options, { data: '/somewhere', api_key: '***', url: 'https://***@host/x' });
  });
});
