import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryOf, isWanted, lineOf, type Wanted } from './entry.ts';

const all: Wanted = { services: [], sinceMs: null, level: null, event: null, model: null };
const json = (facts: object) =>
  JSON.stringify({ level: 40, time: '2026-11-30T12:00:00.250Z', service: 'score', msg: 'state not saved', ...facts });

describe('a line of a log', () => {
  it('is read from what a service, a cluster and a container print', () => {
    const expected = {
      atMs: Date.UTC(2026, 10, 30, 12, 0, 0, 250),
      level: 'warn',
      service: 'score',
      message: 'state not saved',
    };
    for (const line of [
      json({}),
      `score-2: ${json({})}`,
      `my-score-1  | ${json({})}`,
      `score-1  | 2026-11-30T12:00:01Z ${json({})}`,
    ]) {
      const { facts, ...entry } = entryOf(line);
      assert.deepEqual(entry, expected, line);
      assert.deepEqual(facts, {});
    }
  });

  it('is shown as it is where it is no JSON', () => {
    assert.deepEqual(entryOf('    at react (stage.ts:3:1)'), {
      atMs: null,
      level: null,
      service: null,
      message: '    at react (stage.ts:3:1)',
      facts: {},
    });
    assert.equal(entryOf('Traceback', 'ann').service, 'ann');
    assert.equal(entryOf('{"torn": ').message, '{"torn": ');
    assert.equal(entryOf('{"a":1}').atMs, null);
  });

  it('has its facts and its error on one line', () => {
    const line = lineOf(
      entryOf(json({ partition: 3, err: { type: 'CannotReach', message: 'refused', stack: 'long' } })),
    );
    assert.equal(line, '2026-11-30T12:00:00.250Z warn  score      state not saved  partition=3  CannotReach: refused');
  });

  const entry = entryOf(json({ model_id: '7', err: { type: 'CannotReach', message: 'refused' } }));
  const cases: readonly [Partial<Wanted>, boolean][] = [
    [{}, true],
    [{ services: ['score', 'rank'] }, true],
    [{ services: ['rank'] }, false],
    [{ level: 'warn' }, true],
    [{ level: 'error' }, false],
    [{ sinceMs: Date.UTC(2026, 10, 30, 12) }, true],
    [{ sinceMs: Date.UTC(2026, 10, 30, 13) }, false],
    [{ event: 'Not Saved' }, true],
    [{ event: 'cannotreach' }, true],
    [{ event: 'acquired' }, false],
    [{ model: '7' }, true],
    [{ model: '70' }, false],
  ];
  for (const [wanted, expected] of cases) {
    it(`is ${expected ? 'shown' : 'left out'} with ${JSON.stringify(wanted)}`, () =>
      assert.equal(isWanted(entry, { ...all, ...wanted }), expected));
  }
});
