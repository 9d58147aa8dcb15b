import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Compared } from '@crunch-node/projector';
import { comparisonText } from './replay.ts';

const reason =
  'the log changed: expected stream SCORES created 2026-01-01T00:00:00Z, received one created 2026-02-01T00:00:00Z: ' +
  'it was removed and created again; replay, or put the old one back';
const compared = (projection: string): Compared => ({
  projection,
  incomparable: reason as Compared['incomparable'],
  tables: [{ table: projection, rows: [1_000, 20], digests: null, differs: false, first: [] }],
});

describe('the result of a replay', () => {
  it('keeps a long reason out of the table, and shows it once', () => {
    const projections = [compared('scores'), compared('snapshots')];
    const text = comparisonText({ compared: projections, switched: ['scores'], refused: [], failed: [], left: [] });
    const lines = text.split('\n');
    assert.deepEqual(lines.slice(1), [
      '  scores      scores     1,000       20  the log changed  switched',
      '  snapshots   snapshots  1,000       20  the log changed  not built',
      '',
      `  scores, snapshots: ${reason}`,
    ]);
  });
});
