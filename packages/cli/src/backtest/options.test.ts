import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pythonOf } from './options.ts';

describe('the interpreter of Python models in a backtest', () => {
  it('is that of the command, else the one `up` uses, else that of the environment', () => {
    const env = { CRUNCH_PYTHON: '/own/python', PYTHON: '/other/python' };
    assert.equal(pythonOf({ python: '/given/python' }, env), '/given/python');
    assert.equal(pythonOf({}, env), '/own/python');
    assert.equal(pythonOf({}, { PYTHON: '/other/python' }), '/other/python');
    assert.equal(pythonOf({}, {}), undefined);
  });
});
