import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasColour } from './colour.ts';

describe('colour', () => {
  const cases: readonly (readonly [boolean, Record<string, string>, boolean])[] = [
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { TERM: 'dumb' }, false],
  ];
  for (const [isTTY, env, expected] of cases)
    it(`${expected ? 'is shown' : 'is left out'} with ${JSON.stringify(env)}, ${isTTY ? 'at' : 'without'} a terminal`, () =>
      assert.equal(hasColour({ isTTY, env }), expected));
});
