import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  birdDemoPackFor,
  type CrunchDefinition,
  defineCrunch,
  demoPack,
  densityDemoPackFor,
  quantilePack,
  tournamentPack,
  tradingPack,
} from '@crunch-node/config';
import { type TObject, Type } from '@sinclair/typebox';
import { exampleSetOf, withoutExamples } from './example-set.ts';

const of = (output: TObject) => withoutExamples(defineCrunch({ ...demoPack, ensembles: [], output_type: output }));

describe('example models', () => {
  it('are those of the pack', () => {
    const packs: readonly [string, CrunchDefinition][] = [
      ['realtime', demoPack],
      ['bird', birdDemoPackFor(['BTCUSDT'], '1m')],
      ['density', densityDemoPackFor(['BTCUSDT'], '1m')],
      ['quantile', quantilePack],
      ['trading', tradingPack],
      ['tournament', tournamentPack],
    ];
    for (const [set, pack] of packs) {
      const config = defineCrunch(pack);
      assert.deepEqual([exampleSetOf(config), withoutExamples(config)], [set, null]);
    }
  });

  it('fit an output type of which value is all that is needed', () => {
    assert.equal(of(Type.Object({ value: Type.Number({ minimum: 0, maximum: 1 }) })), null);
    assert.equal(of(Type.Object({ value: Type.Integer(), note: Type.Optional(Type.String()) })), null);
  });

  it('do not fit other output types, and the reason names what there is', () => {
    const faults = [
      of(Type.Object({ q10: Type.Number(), q50: Type.Number(), q90: Type.Number() })),
      of(Type.Object({ value: Type.Number(), confidence: Type.Number() })),
      of(Type.Object({ value: Type.String() })),
    ];
    assert.match(
      faults[0] ?? '',
      /answer with q10, q50, q90, .*realtime \(value\), trading \(orders\), .*quantile \(quantiles\)/,
    );
    assert.match(faults[1] ?? '', /answer with value, confidence,/);
    assert.match(faults[2] ?? '', /answer with value,/);
  });
});
