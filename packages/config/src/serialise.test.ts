import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch } from './define-crunch.ts';
import { demoPack } from './packs/demo.ts';
import { configHash, describeConfig, serialisablePart } from './serialise.ts';

const withOptions = (options: Readonly<Record<string, string>>) =>
  defineCrunch({ ...demoPack, feed: { ...demoPack.feed, options } });

describe('a serialised configuration', () => {
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
