import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isReached, minSeq, spelt } from './min-seq.ts';

const known = new Set(['SCORES', 'MODELS', 'FEEDS']);
const wantedBy = (streams: string[], ...texts: string[]) => {
  const parsed = minSeq(streams, known).parse(texts);
  return 'value' in parsed ? Object.fromEntries(parsed.value ?? []) : null;
};

describe('min_seq', () => {
  it('names streams, or is a number where there is one', () => {
    assert.deepEqual(wantedBy(['SCORES'], '120'), { SCORES: 120 });
    assert.deepEqual(wantedBy(['SCORES', 'MODELS'], 'SCORES:1, MODELS:2'), { SCORES: 1, MODELS: 2 });
    assert.deepEqual(wantedBy(['SCORES', 'MODELS'], 'SCORES:1', 'SCORES:3,SCORES:2'), { SCORES: 3 });
    assert.deepEqual(wantedBy(['SCORES'], 'FEEDS:9'), {}, 'not read here: nothing to wait for');
    for (const bad of ['', ',', '1,', 'x:1', 'SCORES:1:2', 'SCORES 1', '١'])
      assert.equal(wantedBy(['SCORES'], bad), null, bad);
    assert.equal(wantedBy(['SCORES', 'MODELS'], '1'), null);
  });

  it('is reached when every stream is', () => {
    const wanted = new Map(Object.entries({ SCORES: 3, MODELS: 1 }));
    assert.equal(isReached(wanted, new Map([['SCORES', 3]])), false);
    assert.equal(isReached(wanted, new Map(Object.entries({ SCORES: 4, MODELS: 1 }))), true);
    assert.equal(spelt(wanted), 'SCORES:3, MODELS:1');
  });
});
