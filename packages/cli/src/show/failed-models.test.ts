import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failedModelsText, labelOf } from './failed-models.ts';

describe('models that failed to start', () => {
  const failed = [
    { id: '7', name: 'ann', reason: 'no grpcio' },
    { id: '8', name: 'bob', reason: null },
    { id: '9', name: 'ann', reason: 'no grpcio' },
  ];

  it('are named with the commonest reason, its count, and where their logs are', () => {
    assert.equal(
      failedModelsText(failed, 5, '.crunch'),
      [
        '3 of 5 models failed to start: ann (7), bob, ann (9)',
        '  2 of them: no grpcio',
        '  1 of them: no reason is known',
        '  logs: .crunch/models/ID/model.log, or crunch-node models logs ID, such as 7',
      ].join('\n'),
    );
    assert.equal(failedModelsText([], 5, '.crunch'), null);
  });

  it('are counted where they are many', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ id: `${index}`, name: `m${index}`, reason: `r${index}` }));
    assert.match(
      failedModelsText(many, 30, 'x') ?? '',
      /^30 of 30 .*m7 and 22 more\n {2}1 of them: r0\n.*\n.*\n {2}logs/,
    );
    const escaped = failedModelsText([{ id: '1', name: 'a', reason: 'a\u001b[31m\nb' }], 1, 'x') ?? '';
    assert.equal(escaped.includes('\u001b'), false);
  });

  it('are shown by their ids where they have no name', () => assert.equal(labelOf({ id: '7', name: '' }, []), '(7)'));
});
