import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isServerFault, queryFaultText } from './sql-fault.ts';

const columns = [
  ['leaderboard_entries', 'rank'],
  ['leaderboard_entries', 'model_id'],
  ['scores', 'score_id'],
  ['scores', 'model_id'],
].map(([table_name = '', column_name = '']) => ({ table_name, column_name }));

describe('a query that Postgres refuses', () => {
  it('is shown with the nearest column and those there are, beside the hint of the server', () => {
    const fault = { code: '42703', message: 'column "model_nid" does not exist' };
    assert.equal(
      queryFaultText(fault, 'select model_nid from Scores', columns),
      'column "model_nid" does not exist\n  did you mean the column model_id?\n  columns of scores: score_id, model_id',
    );
    const hint = 'Perhaps you meant to reference the column "s.score_id".';
    const hinted = { code: '42703', message: 'column s.scoreid does not exist', hint };
    assert.equal(
      queryFaultText(hinted, 'select s.scoreid from scores s', columns),
      `column s.scoreid does not exist\n  ${hint}\n  columns of scores: score_id, model_id`,
    );
  });

  it('is shown with the nearest table and those there are', () =>
    assert.equal(
      queryFaultText({ code: '42P01', message: 'relation "crunch.leaderboard_entrys" does not exist' }, '', columns),
      'relation "crunch.leaderboard_entrys" does not exist\n  did you mean the table leaderboard_entries?\n  tables: leaderboard_entries, scores',
    ));

  it('is shown with what the server adds, where it is about no name', () => {
    const fault = { code: '42601', message: 'syntax error at or near "form"', detail: 'more' };
    assert.equal(queryFaultText(fault, 'select 1 form x', columns), 'syntax error at or near "form"\n  more');
    assert.ok(!isServerFault(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })));
    assert.ok(!isServerFault(new Error('x')));
    assert.ok(isServerFault(Object.assign(new Error('x'), { code: '42P01' })));
  });
});
