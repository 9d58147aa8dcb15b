import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginTrace, continueTrace, traceIdOf } from './trace.ts';

describe('the trace of an event', () => {
  it('starts at an event without a cause in the log, with the same ids at every publication', () => {
    const begun = beginTrace('feed:x:1');
    assert.match(begun, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(begun, beginTrace('feed:x:1'));
    assert.notEqual(traceIdOf(begun), traceIdOf(beginTrace('feed:x:2')));
  });

  it('continues through caused events, each with a span of its own', () => {
    const begun = beginTrace('feed:x:1');
    const round = continueTrace(begun, 'round:0:a:1')!;
    const score = continueTrace(round, 'score:round:0:a:1')!;
    assert.equal(traceIdOf(score), traceIdOf(begun));
    assert.equal(new Set([begun, round, score]).size, 3);
  });

  it('ends at a malformed context', () => {
    assert.equal(continueTrace(undefined, 'a'), undefined);
    assert.equal(continueTrace('00-xyz', 'a'), undefined);
    assert.equal(traceIdOf('00-00-00-00'), undefined);
  });
});
