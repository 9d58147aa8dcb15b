import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Fold, foldRows, gatherRows, replaced } from './gather-rows.ts';
import { type ModelStateRow, modelStates, models } from './models/tables.ts';
import { foldStates } from './models/write.ts';
import { type ScoreScopeRow, scoreScopes } from './scores/tables.ts';
import { foldScopes } from './scores/write.ts';

const time = fc.integer({ min: 1, max: 9 }).map((n) => `2026-11-2${n}T00:00:00.000000Z`);
const sometimes = fc.option(time);
const states = fc.array(
  fc.record({
    model_id: fc.constantFrom('1', '2', '\0', '\ufffd'), // the last two are one key to Postgres
    state: fc.constantFrom('running', 'left', 'failed'),
    revision: fc.nat(),
    joined_at: sometimes,
    left_at: sometimes,
    failed_at: sometimes,
  }),
) as unknown as fc.Arbitrary<ModelStateRow[]>;
const scopes: fc.Arbitrary<ScoreScopeRow[]> = fc.array(
  fc.record({
    scope_key: fc.constantFrom('a', 'b'),
    scope: fc.record({ n: fc.nat() }),
    performed_at: time,
    lag_seconds: fc.nat(),
  }),
);

/** Whether folding in two steps equals folding at once. */
function foldsTheSameCutAnywhere<T extends typeof modelStates | typeof scoreScopes, R>(
  table: T,
  any: fc.Arbitrary<R[]>,
  fold: Fold<R>,
): void {
  const folded = (rows: readonly R[]) => foldRows(table, rows as never, fold as never);
  fc.assert(
    fc.property(any, fc.nat({ max: 20 }), (rows, cut) => {
      const pieces = [...folded(rows.slice(0, cut)), ...folded(rows.slice(cut))] as R[];
      assert.deepEqual(folded(pieces), folded(rows));
    }),
  );
}

describe('gathered rows', () => {
  it('are those of the states of models, however they are cut', () =>
    foldsTheSameCutAnywhere(modelStates, states, foldStates));

  it('are those of scopes, however they are cut', () => foldsTheSameCutAnywhere(scoreScopes, scopes, foldScopes));

  it('keep the newest state, with the last time each of it happened', () => {
    const row = (changes: Partial<ModelStateRow>) =>
      ({ model_id: '1', joined_at: null, left_at: null, failed_at: null, ...changes }) as ModelStateRow;
    assert.deepEqual(
      foldRows(
        modelStates,
        [row({ joined_at: 'monday' }), row({ left_at: 'tuesday' }), row({ joined_at: 'friday', revision: 2 })],
        foldStates,
      ),
      [row({ joined_at: 'friday', left_at: 'tuesday', revision: 2 })],
    );
  });

  it('are all of a table that is not folded, in order', () => {
    const gathered = gatherRows({ models, model_states: modelStates }, { models: replaced });
    const model = (model_id: string, model_name: string) => ({ model_id, model_name }) as never;
    gathered.add({ models: [model('1', 'a'), model('2', 'b')], model_states: [model('1', 'a')] });
    gathered.add({ models: [model('1', 'c')], model_states: [model('1', 'c')] });
    assert.deepEqual(gathered.rows(), {
      models: [model('1', 'c'), model('2', 'b')],
      model_states: [model('1', 'a'), model('1', 'c')],
    });
  });
});
