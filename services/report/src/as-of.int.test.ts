import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { addSeconds, type Instant, SnapshotTaken, snapshots } from '@crunch-node/streams';
import { openScene, type Scene } from './testing/scene.ts';

const start: Instant = '2026-11-21T19:00:00.000000Z';
const MINUTES = 12;
const end = addSeconds(start, 60 * MINUTES);
const MICROSECOND = 1e-6;

/** Everything that takes `as_of`. */
const asked = [
  '/reports/leaderboard?',
  '/reports/leaderboard?include_ensembles=true',
  '/reports/snapshots?',
  '/reports/snapshots?limit=2',
  '/reports/models/global?',
  '/reports/models/params?',
  '/reports/models/metrics?include_ensembles=true',
  '/reports/models/summary?projectIds=2,1,nobody',
  '/reports/diversity?',
  '/reports/models/1/diversity?',
  '/reports/ensemble/history?',
];

/** Snapshots with the metrics of diversity, which differ from minute to minute. */
const varied = (log: readonly Sample[]): Sample[] =>
  log.map((sample, i) => {
    if (sample.event.type !== 'SnapshotTaken') return sample;
    const data = sample.event.data as SnapshotTaken['data'];
    const result_summary = { ...data.result_summary, model_correlation: (i % 10) / 10, ic: i / 1_000 };
    return { stream: snapshots, event: SnapshotTaken.at(sample.event.at, { ...data, result_summary }) };
  });

describe('as_of', () => {
  const log = varied(sampleLog(MINUTES, start));
  let full: Scene;
  before(async () => {
    full = await openScene(log, { now: end });
  });
  after(() => full?.close());

  const answersOf = async (scene: Scene, asOf?: Instant) =>
    Promise.all(
      asked.map(async (url) => {
        const response = await scene.app.inject(asOf === undefined ? url : `${url}&as_of=${asOf}`);
        return [url, response.statusCode, response.statusCode === 200 ? response.json() : null] as const;
      }),
    );

  for (const [title, at] of [
    ['before anything', addSeconds(start, -1)],
    ['at the closing of a cycle', addSeconds(start, 60 * 5)],
    ['a microsecond before it', addSeconds(start, 60 * 5 - MICROSECOND)],
    ['between two cycles', addSeconds(start, 60 * 8 + 30)],
    ['in a cycle whose round was skipped', addSeconds(start, 60 * 7)],
  ] as const) {
    it(`shows what was known then: ${title}`, async () => {
      const then = await openScene(
        log.filter(({ event }) => event.at <= at),
        { now: at },
      );
      try {
        for (const [i, answer] of (await answersOf(then)).entries())
          assert.deepEqual((await answersOf(full, at))[i], answer);
      } finally {
        await then.close();
      }
    });
  }

  it('shows what is known now, of a moment to come', async () => {
    assert.deepEqual(await answersOf(full, addSeconds(end, 86_400)), await answersOf(full));
  });

  it('counts against until and the end, whichever is earlier', async () => {
    const [early, late] = [addSeconds(start, 300), addSeconds(start, 600)];
    for (const [url, bound] of [
      ['/reports/snapshots', 'until'],
      ['/reports/models/global', 'end'],
    ]) {
      const expected = await full.get(`${url}?${bound}=${early}`);
      assert.ok(expected.length > 0);
      assert.deepEqual(await full.get(`${url}?${bound}=${late}&as_of=${early}`), expected);
      assert.deepEqual(await full.get(`${url}?${bound}=${early}&as_of=${late}`), expected);
    }
  });

  it('is a time', async () => {
    for (const url of asked) assert.equal((await full.app.inject(`${url}&as_of=yesterday`)).statusCode, 422, url);
  });
});
