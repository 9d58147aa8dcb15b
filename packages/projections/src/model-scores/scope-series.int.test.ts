import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Postgres, privatePostgres } from '@crunch-node/embedded/testing';
import { addSeconds, type Instant } from '@crunch-node/streams';
import { createReadModel, digestTables, openReadModel, type ReadModel, scopeSeries } from '../index.ts';
import { fill, type SampleScore, scoredLog } from '../testing/index.ts';

const start = '2026-11-21T19:07:17.605149Z';
const windows = [
  { name: 'w1', hours: 1 },
  { name: 'w24', hours: 24 },
];
const scopes = ['BTC-60', 'BTC-7200', 'ETH-60'];
const models = ['a', 'b', 'c'];

/** Ten minutes apart over two days, known after their horizon; everything a function of its place. */
const values: SampleScore[] = Array.from({ length: 288 }, (_, i) => i).flatMap((i) =>
  scopes.flatMap((scope_key, s) => {
    const performed_at = addSeconds(start, 600 * i);
    const scored_at = addSeconds(performed_at, Number(scope_key.split('-')[1]));
    return models
      .filter((_, m) => (i + m + s) % 5 !== 0)
      .map((model_id, m) => {
        const value = (i * 7 + m * 3 + s) % 11 === 0 ? null : ((i * 31 + m * 17 + s * 7) % 101) / 10 - 5;
        return { model_id, scope_key, performed_at, scored_at, value };
      });
  }),
);

interface Asked {
  readonly start: Instant;
  readonly end: Instant;
  readonly asOf?: Instant;
  readonly modelIds?: readonly string[];
}

/** The expected last point of each series. */
function expectedLast({ start: from, end, asOf, modelIds = models }: Asked) {
  const known = values.filter(
    (one) => one.value !== null && one.performed_at <= end && (asOf === undefined || one.scored_at <= asOf),
  );
  return modelIds.flatMap((model_id) =>
    scopes.flatMap((scope_key) => {
      const own = known.filter((one) => one.model_id === model_id && one.scope_key === scope_key);
      const inside = own.filter(({ performed_at }) => performed_at >= from);
      if (inside.length === 0) return [];
      const averages = windows.map(({ hours }) => {
        const begin = addSeconds(end, -3_600 * hours);
        const held = own.filter(({ performed_at }) => performed_at >= begin).map(({ value }) => value!);
        return held.length === 0 ? null : held.reduce((sum, value) => sum + value, 0) / held.length;
      });
      return [{ model_id, scope_key, performed_at: inside.at(-1)!.performed_at, averages }];
    }),
  );
}

describe('model scores by scope', () => {
  let postgres: Postgres;
  const opened: ReadModel[] = [];
  async function filled(schema: string, batchSize: number): Promise<ReadModel> {
    const readModel = openReadModel({ url: postgres.url, schema });
    opened.push(readModel);
    await createReadModel(readModel.db, schema);
    await fill(readModel, scoredLog(values), batchSize);
    return readModel;
  }
  before(async () => {
    postgres = await privatePostgres();
    await filled('crunch', 1_000);
  });
  after(async () => {
    await Promise.all(opened.map((readModel) => readModel.close()));
    await postgres?.stop();
  });

  const cases: Readonly<Record<string, Asked>> = {
    'of all there is': { start, end: addSeconds(start, 3 * 86_400) },
    'up to a moment within an hour': { start, end: addSeconds(start, 86_400 + 1_234.5) },
    'exactly from and to a prediction': { start: addSeconds(start, 600 * 50), end: addSeconds(start, 600 * 51) },
    'as was known at a moment': { start, end: addSeconds(start, 86_400), asOf: addSeconds(start, 86_400) },
    'as was known long before the end': { start, end: addSeconds(start, 86_400), asOf: addSeconds(start, 9_000) },
    'of one model': { start, end: addSeconds(start, 40_000), modelIds: ['b'] },
    'of no model': { start, end: addSeconds(start, 40_000), modelIds: [] },
    'of a time before the first': { start: '2026-01-01T00:00:00.000000Z', end: '2026-02-01T00:00:00.000000Z' },
  };
  for (const [what, asked] of Object.entries(cases)) {
    it(`equal means computed from single scores: ${what}`, async () => {
      const { db } = opened[0]!;
      for (const limit of [9, 10_000]) {
        const points = (await scopeSeries(db, { modelIds: models, windows, ...asked, limit })).rows;
        const lasts = new Map(points.map((point) => [`${point.model_id} ${point.scope_key}`, point]));
        const expected = expectedLast(asked);
        assert.equal(lasts.size, expected.length);
        for (const { model_id, scope_key, performed_at, averages } of expected) {
          const last = lasts.get(`${model_id} ${scope_key}`)!;
          assert.equal(last.performed_at, performed_at);
          last.averages.forEach((mean, i) => {
            const close = Math.abs((mean ?? 1e9) - (averages[i] ?? 1e9)) < 1e-9;
            assert.ok(close, `${model_id} ${scope_key} of ${limit}: ${mean} instead of ${averages[i]}`);
          });
        }
      }
    });
  }

  it('are thinned more, the more series there are', async () => {
    const { db } = opened[0]!;
    const filter = { start, end: addSeconds(start, 2 * 86_400), windows };
    const one = (await scopeSeries(db, { ...filter, modelIds: ['a'], limit: 10_000 })).rows;
    assert.equal(one.filter(({ scope_key }) => scope_key === 'BTC-60').length, 48);
    const all = (await scopeSeries(db, { ...filter, modelIds: models, limit: 90 })).rows;
    assert.ok(all.length <= 90 && all.length > 40, `${all.length}`);
    const times = all.map(({ performed_at }) => performed_at);
    assert.deepEqual(times, [...times].sort());
    assert.deepEqual(all.find(({ scope_key }) => scope_key === 'BTC-60')?.scope, {
      subject: 'BTC',
      resolve_horizon_seconds: 60,
      step_seconds: 15,
    });
  });

  it('are the same rows, however the log was cut into batches', async () => {
    const other = await filled('crunch_other', 7);
    const [first] = opened;
    assert.deepEqual(
      await digestTables(other.db, other.schema, { all: true }),
      await digestTables(first!.db, first!.schema, { all: true }),
    );
  });
});
