import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { knownTags, tagOf } from './entity-tag.ts';

const part = fc.stringMatching(/^[\w-]{1,22}$/);

describe('tags', () => {
  it('are recognised by either part, among others', () =>
    fc.assert(
      fc.property(part, part, (validator, content) => {
        const tag = tagOf(validator, content);
        const { byValidator, byContent, any } = knownTags(`"strong", W/"x", ${tag} , W/"é.y"`);
        assert.deepEqual([byValidator.get(validator), byContent.get(content), any], [tag, tag, false]);
        assert.equal(byValidator.size, 1);
      }),
    ));

  it('are compared weakly, however long the list is', () =>
    fc.assert(
      fc.property(part, part, fc.nat(500), (validator, content, others) => {
        const tag = tagOf(validator, content);
        const list = [...Array.from({ length: others }, (_, i) => `"other-${i}"`), tag.replace('W/', '')];
        const { byValidator, byContent, any } = knownTags(list.join(','));
        assert.deepEqual([byValidator.get(validator), byContent.get(content), any], [tag, tag, false]);
      }),
    ));

  it('without a validator are recognised by their content alone', () => {
    const { byValidator, byContent } = knownTags(tagOf(null, 'c'));
    assert.deepEqual([byValidator.size, byContent.size], [0, 1]);
  });

  it('of others match nothing, a star everything', () =>
    fc.assert(
      fc.property(anyText(), (header) => {
        const { byValidator, byContent, any } = knownTags(header);
        assert.ok(any === (header.trim() === '*'));
        if (!header.includes('.')) assert.equal(byValidator.size + byContent.size, 0);
      }),
    ));
});
