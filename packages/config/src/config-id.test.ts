import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configIdOf, scheduledConfigs } from './config-id.ts';
import { defineCrunch } from './define-crunch.ts';

const entryOf = (more: object = {}) => {
  const entry = defineCrunch({ scheduled_predictions: [{ scope_key: 'btc/60', ...more }] }).scheduled_predictions[0];
  assert.ok(entry);
  return entry;
};

describe('the id of a scheduled prediction', () => {
  it('holds the scope key and a hash of the entry', () =>
    assert.match(configIdOf(entryOf()), /^CFG_btc_60_[0-9a-f]{8}$/));

  it('changes with the content, and not with the order or the activity', () => {
    assert.notEqual(configIdOf(entryOf()), configIdOf(entryOf({ prediction_interval_seconds: 30 })));
    assert.equal(configIdOf(entryOf()), configIdOf(entryOf({ order: 7, active: false })));
    assert.equal(configIdOf(entryOf({ scope: { a: 1, b: 2 } })), configIdOf(entryOf({ scope: { b: 2, a: 1 } })));
  });

  it('lists the entries in the order their rounds are planned', () => {
    const config = defineCrunch({ scheduled_predictions: [{ scope_key: 'b', order: 1 }, { scope_key: 'a' }] });
    assert.deepEqual(
      scheduledConfigs(config).map(({ entry }) => entry.scope_key),
      ['a', 'b'],
    );
  });
});
