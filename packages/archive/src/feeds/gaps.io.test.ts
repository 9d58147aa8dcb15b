import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tempDir } from '@crunch-node/embedded';
import { instantOfMillis } from '@crunch-node/streams';
import fc from 'fast-check';
import { type Duck, openDuck } from '../duck.ts';
import { candleAt, FEED, tickAt } from '../testing/records.ts';
import { findGaps, type GapQuestion } from './gaps.ts';
import { DAY_MS } from './places.ts';
import { bufferDays } from './writer.ts';

const DAY = Date.parse('2024-01-02T00:00:00Z');
const MINUTE = 60_000;

describe('gaps in the archive', () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let duck: Duck;
  let roots = 0;
  before(async () => {
    folder = await tempDir('crunch-gaps-');
    duck = openDuck(folder.path, { threads: 1, memoryMb: 256 });
  });
  after(async () => {
    duck.close();
    await folder.remove();
  });
  const newRoot = () => join(folder.path, String(roots++));
  const find = (root: string, question: Partial<GapQuestion> = {}) =>
    findGaps(duck, root, { feed: FEED, stepSeconds: 60, most: 100, ...question });
  async function fill(root: string, times: readonly number[]): Promise<void> {
    const buffer = bufferDays(duck, root);
    buffer.add(times.map((ms) => candleAt(ms, 1)));
    await buffer.flush();
  }

  it('are all parts of the grid without a record', async () => {
    // An hour on each side of midnight is grid enough; removed records, whichever they are, must show as gaps.
    const grid = Array.from({ length: 120 }, (_, i) => DAY - 60 * MINUTE + i * MINUTE);
    await fc.assert(
      fc.asyncProperty(fc.subarray(grid, { minLength: 1 }), async (kept) => {
        const root = newRoot();
        await fill(root, kept);
        const report = await find(root, { startMs: grid[0]!, endMs: grid.at(-1)! });
        const missing = new Set(grid.filter((ms) => !kept.includes(ms)));
        const named = report.gaps.flatMap(({ start, end, missing: count }) => {
          const times = grid.filter((ms) => instantOfMillis(ms) >= start && instantOfMillis(ms) <= end);
          assert.equal(times.length, count);
          return times;
        });
        assert.deepEqual(named, [...missing]);
        assert.deepEqual([report.present, report.missing], [kept.length, missing.size]);
      }),
      { numRuns: 15 },
    );
  });

  it('are found across days, also without a given range', async () => {
    const root = newRoot();
    await fill(root, [DAY, DAY + 3 * DAY_MS]);
    const { gaps, missing, start, end } = await find(root);
    assert.deepEqual([start, end], [instantOfMillis(DAY), instantOfMillis(DAY + 3 * DAY_MS)]);
    assert.deepEqual(gaps, [
      {
        start: instantOfMillis(DAY + MINUTE),
        end: instantOfMillis(DAY + 3 * DAY_MS - MINUTE),
        missing: 3 * 1440 - 1,
      },
    ]);
    assert.equal(missing, 4319);
  });

  it('are whole days for a feed without a grid', async () => {
    const root = newRoot();
    const buffer = bufferDays(duck, root);
    buffer.add([tickAt(DAY + 5, 1, '1'), tickAt(DAY + 9 * MINUTE, 1, '2'), tickAt(DAY + 3 * DAY_MS, 1, '3')]);
    await buffer.flush();
    const report = await find(root, { feed: { ...FEED, kind: 'tick', granularity: '1s' }, stepSeconds: null });
    assert.deepEqual(report.gaps, [
      { start: instantOfMillis(DAY + DAY_MS), end: instantOfMillis(DAY + 3 * DAY_MS - 1), missing: null },
    ]);
    assert.deepEqual([report.missing, report.present, report.gap_count], [null, 3, 1]);
  });

  it('cover the given range of a feed without files, and are empty without a range', async () => {
    const root = newRoot();
    const none = await find(root, { startMs: DAY, endMs: DAY + 9 * MINUTE });
    assert.deepEqual([none.missing, none.gap_count], [10, 1]);
    const nothing = await find(root);
    assert.deepEqual([nothing.start, nothing.missing, nothing.gaps], [null, 0, []]);
  });

  it('include unreadable files, and are counted beyond the limit of the list', async () => {
    const root = newRoot();
    await fill(root, [DAY, DAY + 2 * MINUTE, DAY + 4 * MINUTE, DAY + DAY_MS]);
    await writeFile(join(root, 'binance/BTCUSDT/candle/1m/2024-01-03.parquet'), 'broken');
    const report = await find(root, { endMs: DAY + DAY_MS, most: 1 });
    assert.deepEqual([report.unreadable, report.gap_count, report.gaps.length], [['2024-01-03.parquet'], 3, 1]);
  });
});
