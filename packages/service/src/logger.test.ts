import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from './logger.ts';

describe('a log', () => {
  const lines: string[] = [];
  const logger = createLogger('info', 'test', { write: (line) => lines.push(line) });
  const lastLine = () => JSON.parse(lines.at(-1)!);
  const refused = Object.assign(new RangeError('expected Postgres, received no response'), { code: 'ECONNREFUSED' });

  it('includes the message of a warning, and for an error also the stack', () => {
    logger.child({ service: 'project' }).warn({ err: refused, retry_ms: 100 }, 'waits');
    assert.deepEqual(lastLine().err, { type: 'RangeError', message: refused.message, code: 'ECONNREFUSED' });
    assert.deepEqual([lastLine().msg, lastLine().retry_ms, lastLine().service], ['waits', 100, 'project']);
    logger.error({ err: refused }, 'halted');
    assert.match(lastLine().err.stack, /^RangeError: expected Postgres.*\n +at /);
    logger.info('only words, %s', 'and more');
    assert.equal(lastLine().msg, 'only words, and more');
  });
});
