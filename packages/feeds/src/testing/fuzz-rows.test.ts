import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzzRows } from './fuzz-rows.ts';

const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);

describe('readers of rows, for arbitrary values', () => {
  it(`make a record or reject it by name (FUZZ_SEED=${seed})`, (t) => {
    const { rows, outcomes, faults } = fuzzRows(seed, (made) => made < 8_000);
    t.diagnostic(`${rows} rows: ${JSON.stringify(outcomes)}`);
    assert.equal(faults.join('\n'), '');
    for (const outcome of ['record', 'bad_time', 'not_a_number', 'missing_field']) {
      assert.ok(
        (outcomes[outcome] ?? 0) > rows / 1_000,
        `${outcome} is among the outcomes: ${JSON.stringify(outcomes)}`,
      );
    }
  });
});
