import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byKind, type CrunchConfig } from '@crunch-node/domain';
import { ConfigError } from './config-error.ts';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import { tournamentPack } from './packs/tournament.ts';
import { tradingPack } from './packs/trading.ts';
import { configHash } from './serialise.ts';

const kindOf = (definition: CrunchDefinition): string => {
  const config: CrunchConfig = defineCrunch(definition);
  return byKind(config, {
    realtime: ({ trading, tournament }) => `realtime ${trading} ${tournament}`,
    trading: ({ trading: { signal_mode } }) => `trading ${signal_mode}`,
    tournament: ({ tournament: { max_samples } }) => `tournament ${max_samples}`,
  });
};

describe('the kind of a competition', () => {
  it('follows from its rules', () =>
    assert.deepEqual([{}, { trading: null }, tradingPack, tournamentPack].map(kindOf), [
      'realtime null null',
      'realtime null null',
      'trading order',
      'tournament 1000',
    ]));

  it('has the default rules where it is given alone', () => {
    assert.deepEqual(
      (['realtime', 'trading', 'tournament'] as const).map((kind) => kindOf({ kind })),
      ['realtime null null', 'trading target', 'tournament 1000'],
    );
    assert.equal(configHash(defineCrunch({ kind: 'trading' })), configHash(defineCrunch({ trading: {} })));
  });

  it('follows the rules of a complete configuration that are replaced', () => {
    assert.equal(
      kindOf({ ...defineCrunch({ trading: {} }), trading: null, metrics: [], ...ranking }),
      'realtime null null',
    );
    assert.equal(kindOf({ ...defineCrunch({ kind: 'trading' }), trading: { max_position_size: 1 } }), 'trading target');
  });

  it('is one of three', () =>
    assert.throws(
      () => defineCrunch({ kind: 'spot' as never }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.faults, ['kind: expected one of "realtime", "trading", "tournament", received "spot"']);
        return true;
      },
    ));
});

const { aggregation } = defineCrunch({});
const ranking = { aggregation };
