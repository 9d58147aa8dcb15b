import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch } from './define-crunch.ts';
import { tournamentPack } from './packs/tournament.ts';
import { faultsOf } from './testing/faults-of.ts';

describe('a tournament', () => {
  it('has no feed, no schedule and no metrics', () => {
    const { tournament, feed, scheduled_predictions, metrics, call_method } = defineCrunch(tournamentPack);
    assert.deepEqual(tournament, { max_samples: 1_000 });
    assert.equal(feed.provider, 'none');
    assert.deepEqual([feed.subjects, scheduled_predictions, metrics], [[], [], []]);
    assert.deepEqual(call_method, { method: 'predict', args: [{ name: 'features', type: 'JSON' }] });
  });

  it('refuses settings that belong to a feed', () => {
    const feed = { provider: 'binance', subjects: ['BTCUSDT'] };
    assert.match(faultsOf({ ...tournamentPack, feed }).join(), /^feed\.provider: expected "none" in a tournament/);
    assert.match(faultsOf({ ...tournamentPack, metrics: ['ic'] }).join(), /^metrics: expected none/);
    assert.match(faultsOf({ tournament: { max_samples: 0 } }).join(), /^tournament\.max_samples: expected/);
    assert.match(faultsOf({ tournament: 3 as never }).join(), /^tournament: expected the rules/);
  });

  it('is required for a competition without a feed', () => {
    assert.match(faultsOf({ feed: { provider: 'none' } }).join(), /^feed\.provider: expected a provider/);
    assert.match(faultsOf({ feed: { subjects: [] } }).join(), /feed\.subjects: expected a list of at least one/);
  });
});
