import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch } from '../define-crunch.ts';
import type { CrunchDefinition } from '../definition.ts';
import { demoPack, tournamentDemoPack, tradingDemoPack } from './demo.ts';
import { realtimePack } from './realtime.ts';
import { tournamentPack } from './tournament.ts';
import { tradingPack } from './trading.ts';

/** Fields that the web UI's own columns and charts read by name. */
const READ_BY_THE_UI = { score_recent: 24, score_steady: 72, score_anchor: 168 };

const packs: Readonly<Record<string, CrunchDefinition>> = {
  realtimePack,
  demoPack,
  tradingPack,
  tradingDemoPack,
  tournamentPack,
  tournamentDemoPack,
};

describe('columns and charts of the web UI', () => {
  for (const [name, definition] of Object.entries({ ...packs, 'no pack': {} }))
    it(`have a window for each: ${name}`, () => {
      const { windows } = defineCrunch({ crunch_id: 'ui', ...definition }).aggregation;
      assert.deepEqual(Object.fromEntries(windows.map((window) => [window.name, window.hours])), READ_BY_THE_UI);
    });
});
