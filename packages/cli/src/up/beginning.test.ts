import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventLog } from '@crunch-node/eventlog';
import { announceBeginning } from './beginning.ts';

const closedTo = (end: string | null): Pick<EventLog, 'last'> => {
  const last = end === null ? null : { event: { type: 'CycleClosed', data: { end } } };
  return { last: async () => last } as unknown as Pick<EventLog, 'last'>;
};

async function announced(begun: {
  before: string | null;
  configHash: string;
  changed: boolean;
  reached?: string;
}): Promise<readonly string[]> {
  const lines: string[] = [];
  const screen = { print: (line: string) => void lines.push(line) };
  await announceBeginning({ ...begun, screen, log: closedTo(begun.reached ?? null) });
  return lines;
}

const old = 'a'.repeat(64);
const other = 'b'.repeat(64);

describe('the beginning of a run', () => {
  it('announces nothing for a new log', async () => {
    assert.deepEqual(await announced({ before: null, configHash: old, changed: true }), []);
  });

  it('announces that a competition goes on, and how far it has come', async () => {
    const reached = '2024-01-03T04:05:00.000Z';
    assert.deepEqual(await announced({ before: old, configHash: old, changed: false, reached }), [
      'resuming the competition of this log, which has reached 2024-01-03 04:05',
    ]);
    assert.deepEqual(await announced({ before: old, configHash: old, changed: false }), [
      'resuming the competition of this log',
    ]);
  });

  it('announces another configuration with both hashes, and when it is in force', async () => {
    assert.deepEqual((await announced({ before: old, configHash: other, changed: true })).slice(1), [
      'configuration changed: aaaaaaaaaaaa → bbbbbbbbbbbb, in force from the next cycle on',
    ]);
  });
});
