import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { keptLog } from './kept-log.ts';
import { createLogger } from './logger.ts';

describe('a log that is kept in a file', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'crunch-kept-log-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('is continued by a later run, and bounded in two parts', () => {
    const file = join(folder, 'logs', 'up.log');
    keptLog(file, 10).write('one\n');
    const later = keptLog(file, 10);
    for (const line of ['two\n', 'three\n', 'four\n', 'five\n', 'six\n']) later.write(line);
    assert.equal(text('logs/up.log'), 'six\n');
    assert.equal(text('logs/up.log.1'), 'four\nfive\n');
    later.write('far longer than the bound\n');
    assert.equal(text('logs/up.log'), 'far longer than the bound\n');
  });

  it('stops nothing where it cannot be written', () => {
    writeFileSync(join(folder, 'taken'), '');
    assert.doesNotThrow(() => keptLog(join(folder, 'taken', 'up.log')).write('one\n'));
  });

  it('has what is informative, whatever is printed', () => {
    const printed: string[] = [];
    const file = join(folder, 'two.log');
    const logger = createLogger('warn', 'crunch-node', { write: (line) => printed.push(line) }, keptLog(file));
    logger.debug('a');
    logger.info('b');
    logger.child({ service: 'score' }).warn('c');
    assert.deepEqual(
      printed.map((line) => JSON.parse(line).msg),
      ['c'],
    );
    assert.deepEqual(
      text('two.log')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
      ['b', 'c'],
    );
    const silent = createLogger('silent', 'crunch-node', { write: (line) => printed.push(line) }, keptLog(file));
    silent.error('d');
    assert.equal(printed.length, 1);
    assert.match(text('two.log'), /"msg":"d"/);
    const verbose = createLogger('debug', 'crunch-node', { write: (line) => printed.push(line) }, keptLog(file));
    verbose.debug('e');
    assert.match(text('two.log'), /"msg":"e"/);
  });
});
