import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { passedLimit, unlimited } from './limits.ts';
import { parseModelsFile } from './models-file.ts';
import { secondsOf } from './usage.ts';

const parse = (text: string) => parseModelsFile(text, 'models.dev.yml');

describe('a list of models', () => {
  it('has ids that are texts, also where they look like numbers', () => {
    const { entries, faults } = parse('models:\n  - id: 007\n    submission_id: mean\n    desired_state: running\n');
    assert.deepEqual(faults, []);
    assert.deepEqual(entries, [
      {
        id: '007',
        submission_id: 'mean',
        crunch_id: null,
        desired_state: 'RUNNING',
        model_name: 'mean',
        cruncher_name: 'local-dev',
        cruncher_id: 'local-007',
      },
    ]);
  });
  for (const text of ['', 'models:\n', 'models: []\n', '# nothing\n']) {
    it(`may be empty: ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text), { entries: [], faults: [] }));
  }
  it('names what is wrong with an entry and keeps the others', () => {
    const { entries, faults } = parse(
      [
        'models:',
        '  - { id: 1, submission_id: a }',
        '  - { id: 1, submission_id: b }',
        '  - { submission_id: c }',
        '  - { id: 2, submission_id: ../etc }',
        '  - { id: 3 }',
        '  - text',
        '  - { id: 4, submission_id: d, desired_state: PAUSED }',
      ].join('\n'),
    );
    assert.deepEqual(
      entries.map(({ id }) => id),
      ['1'],
    );
    assert.deepEqual(
      faults.map((fault) => /models\[(\d)\]/.exec(fault)?.[1]),
      ['1', '2', '3', '4', '5', '6'],
    );
  });
  for (const text of ['models: {a: 1}', '- a', 'models: [', 'text']) {
    it(`is refused as a whole: ${text}`, () => assert.throws(() => parse(text), { name: 'UnusableModelsFile' }));
  }
});

describe('limits', () => {
  const usage = { memoryBytes: 300 * 1024 * 1024, cpuSeconds: 10 };
  it('are none unless given', () => assert.equal(passedLimit(unlimited, usage, 1e9), null));
  it('are passed by more, not by as much', () => {
    assert.equal(passedLimit({ ...unlimited, cpuSeconds: 10, memoryBytes: usage.memoryBytes }, usage, 0), null);
    assert.match(passedLimit({ ...unlimited, cpuSeconds: 9.9 }, usage, 0) ?? '', /processor time, used 10\.0 s/);
  });
  it('reads times as ps prints them', () =>
    assert.deepEqual(['00:01', '01:00:00', '2-01:00:01', '0:01.50'].map(secondsOf), [1, 3_600, 176_401, 1.5]));
});
