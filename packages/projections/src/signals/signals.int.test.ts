import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Postgres, privatePostgres } from '@crunch-node/embedded/testing';
import {
  addSeconds,
  ConfigActivated,
  control,
  EnsembleSignalled,
  type Instant,
  SignalsCycleClosed,
  signals as signalStream,
} from '@crunch-node/streams';
import {
  createReadModel,
  digestTables,
  latestLeaderboard,
  latestSignals,
  listEnsembles,
  listModels,
  newestSignals,
  openReadModel,
  type ReadModel,
  silentEnsembles,
} from '../index.ts';
import { fill, type Sample, sampleLog } from '../testing/index.ts';

const START = '2026-11-21T19:00:00.000000Z';
const minute = (n: number): Instant => addSeconds(START, 60 * n);

const signalled = (name: string, scope_key: string, n: number): Sample => ({
  stream: signalStream,
  event: EnsembleSignalled.at(minute(n), {
    name,
    model_id: `__ensemble_${name}__`,
    prediction_id: `PRE_${name}_${scope_key}_${n}`,
    scope_key,
    scope: { subject: scope_key },
    feed: null,
    performed_at: minute(n),
    resolvable_at: minute(n + 2),
    input_id: `INP_${n}`,
    ...(name === 'price' ? { output_field: 'price' } : {}),
    value: n === 3 ? null : n / 8,
    members: n === 3 ? [] : [{ model_id: '1', value: n / 8, weight: 1 }],
    weights_cycle_end: n > 2 ? minute(n - 2) : null,
  }),
});
const closed = (n: number): Sample => ({
  stream: signalStream,
  event: SignalsCycleClosed.at(minute(n), { start: n === 1 ? null : minute(n - 1), end: minute(n), config_hash: 'h' }),
});
const activated: Sample = {
  stream: control,
  event: ConfigActivated.at(START, {
    revision: 1,
    config_hash: 'two',
    pace: 'replay',
    partitions: 1,
    cycle_seconds: 60,
    ensembles: ['main'],
    config: {},
  }),
};
const log: Sample[] = [
  ...sampleLog(10),
  activated,
  ...[1, 2, 3, 4].flatMap((n) => [
    signalled('main', 'BTC', n),
    ...(n < 3 ? [signalled('main', 'ETH', n)] : []),
    ...(n === 1 ? [signalled('price', 'BTC', n)] : []),
    closed(n),
  ]),
  // Its writer had closed the cycle: no reader counts it.
  signalled('main', 'SOL', 4),
];

describe('the read model of signals', () => {
  let postgres: Postgres;
  let readModel: ReadModel;
  before(async () => {
    postgres = await privatePostgres();
    readModel = openReadModel({ url: postgres.url, schema: 'crunch_signals' });
    await createReadModel(readModel.db, readModel.schema);
    await fill(readModel, log);
  });
  after(async () => {
    await readModel.close();
    await postgres.stop();
  });
  const shown = (rows: Awaited<ReturnType<typeof newestSignals>>) =>
    rows.map(({ scope_key, performed_at, value }) => [scope_key, performed_at, value]);

  it('returns the newest signal of each scope', async () => {
    assert.deepEqual(shown(await latestSignals(readModel.db, 'main')), [
      ['BTC', minute(4), 0.5],
      ['ETH', minute(2), 0.25],
    ]);
    assert.deepEqual(shown(await latestSignals(readModel.db, 'main', 'ETH')), [['ETH', minute(2), 0.25]]);
    assert.deepEqual(await latestSignals(readModel.db, 'nobody'), []);
  });

  it('returns history, newest first', async () => {
    assert.deepEqual(shown(await newestSignals(readModel.db, 'main', { limit: 3 })), [
      ['BTC', minute(4), 0.5],
      ['BTC', minute(3), null],
      ['BTC', minute(2), 0.25],
    ]);
    const [price] = await newestSignals(readModel.db, 'price', { limit: 9 });
    assert.deepEqual([price?.output_field, price?.members], ['price', [{ model_id: '1', value: 0.125, weight: 1 }]]);
    assert.equal(
      (await newestSignals(readModel.db, 'main', { since: minute(2), scope_key: 'BTC', limit: 9 })).length,
      3,
    );
  });

  it('lists virtual models next to the real ones, and names them on the leaderboard', async () => {
    assert.deepEqual(
      (await listEnsembles(readModel.db)).map(({ name }) => name),
      ['main', 'price'],
    );
    assert.deepEqual(
      (await listModels(readModel.db)).map(({ model_id, model_name, state, is_ensemble }) => [
        model_id,
        model_name,
        state,
        is_ensemble,
      ]),
      [
        ['1', 'model-1', 'running', false],
        ['10', 'model-10', 'failed', false],
        ['2', 'model-2', 'running', false],
        ['__ensemble_main__', 'main', 'running', true],
        ['__ensemble_price__', 'price', 'left', true],
      ],
    );
    const board = await latestLeaderboard(readModel.db, ['model', 'ensemble']);
    assert.deepEqual(
      board.filter(({ kind }) => kind === 'ensemble').map(({ rank, model_name }) => [rank, model_name]),
      [[1, 'main']],
    );
    assert.deepEqual(
      board.filter(({ kind }) => kind === 'model').map(({ rank }) => rank),
      [1, 2, 3],
    );
  });

  it('names why an ensemble has no value at present', async () => {
    const reasonWith = async (weights: Record<string, number>, isScored: boolean): Promise<string | undefined> => {
      let found: string | undefined;
      const undo = new Error('undo');
      const trying = readModel.db.transaction().execute(async (tx) => {
        await tx.updateTable('signals').set({ value: null }).where('name', '=', 'main').execute();
        await tx.updateTable('scores').set({ success: isScored }).execute();
        const row = { name: 'main', cycle_end: minute(500), weights, log_sequence: 1 };
        await tx
          .insertInto('ensemble_weights')
          .values(row as never)
          .execute();
        const silent = await silentEnsembles(tx);
        assert.deepEqual(
          silent.map(({ name }) => name),
          ['main'],
        );
        found = silent[0]?.reason;
        throw undo;
      });
      await assert.rejects(trying, undo);
      return found;
    };
    assert.deepEqual(await silentEnsembles(readModel.db), []);
    assert.match((await reasonWith({}, false)) ?? '', /no score of a model has succeeded yet/);
    assert.match((await reasonWith({}, true)) ?? '', /filter or strategy leaves no model/);
    assert.match((await reasonWith({ 1: 1 }, true)) ?? '', /no member with a weight gives a usable answer/);
  });

  it('is the same when it is made again, in batches of any size', async () => {
    const again = openReadModel({ url: postgres.url, schema: 'crunch_signals_again' });
    await createReadModel(again.db, again.schema);
    await fill(again, log, 3);
    const tables = async ({ db, schema }: ReadModel) =>
      (await digestTables(db, schema, { all: true })).filter(({ table }) => ['signals', 'ensembles'].includes(table));
    assert.deepEqual(await tables(again), await tables(readModel));
    await again.close();
  });
});
