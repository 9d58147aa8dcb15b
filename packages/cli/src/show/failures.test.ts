import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailureCount } from '@crunch-node/projections';
import { failuresText } from './failures.ts';

const failure = (reason: string, times: number, models: number): FailureCount => ({
  what: 'answer',
  reason,
  times,
  models,
  example: '7',
  example_name: models === 1 ? 'ann' : null,
});

describe('the list of failures', () => {
  it('is left out when nothing failed', () => assert.equal(failuresText([]), null));

  it('is shown by reason with counts and a model, the rest counted', () => {
    const many = Array.from({ length: 7 }, (_, i) => failure(`reason ${i}`, 10 - i, i + 1));
    const text = failuresText(many) ?? '';
    assert.match(text, /10 +answer +model ann +reason 0/);
    assert.match(text, /9 +answer +2 models, such as 7 +reason 1/);
    assert.doesNotMatch(text, /reason 5/);
    assert.match(text, /and 9 for other reasons/);
  });
});
