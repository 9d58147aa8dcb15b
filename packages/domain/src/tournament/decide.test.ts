import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GroundTruthProvided,
  type Json,
  type RoundEvent,
  RoundsCycleClosed,
  TournamentRoundRequested,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { minute } from '../testing/given-events.ts';
import { decideGroundTruth, decideRound, faultOfRoundId } from './decide.ts';

const rules = {
  tournament: { max_samples: 3 },
  input_type: Type.Object({ size: Type.Number(), rooms: Type.Integer({ default: 1 }) }),
  ground_truth_type: Type.Object({ price: Type.Number({ default: 0 }) }),
};
const requested = TournamentRoundRequested.at(minute(1), {
  tournament: 'a',
  features: [{ size: 1 }, { size: 2 }, { size: 3 }],
});
const provided = GroundTruthProvided.at(minute(2), {
  tournament: 'a',
  ground_truth: [{ price: 5 }, { price: 6 }],
  samples: 3,
});
const round = (features: Json, current: RoundEvent | null = null) =>
  decideRound(rules, current, { tournament: 'a', features });
const truth = (ground_truth: Json, current: RoundEvent | null = requested) =>
  decideGroundTruth(rules, current, { tournament: 'a', ground_truth });
const codeOf = (decision: { ok: boolean; http_status?: number }): number => decision.http_status ?? 200;

describe('a request for a round', () => {
  it('has its features typed, and keeps what the type does not name', () =>
    assert.deepEqual(round([{ size: '2.5', garden: true }]), {
      ok: true,
      tournament: 'a',
      features: [{ size: 2.5, rooms: 1, garden: true }],
    }));

  it('is refused as a whole when one sample is invalid', () => {
    for (const features of [[], [{ size: 1 }, {}], [{ size: 'large' }], [1], {}, null, [[], []]]) {
      assert.equal(codeOf(round(features as Json)), 422, JSON.stringify(features));
    }
    assert.equal(codeOf(round(Array.from({ length: 4 }, () => ({ size: 1 })))), 422);
    assert.equal(codeOf(round([{ size: 1, note: '\u0000' }])), 422);
  });

  it('is made once', () => assert.equal(codeOf(round([{ size: 1 }], requested)), 409));

  it('needs an id that can be stored and differs from the subjects of closings', () => {
    for (const id of ['', 'cycle', 'x'.repeat(201), '\ud800', 'a\u0000b', 7]) assert.ok(faultOfRoundId(id), String(id));
    for (const id of ['a.b', 'a b', '%', '_', '>', 'Zürich/1', 'CYCLE']) assert.equal(faultOfRoundId(id), null, id);
  });
});

describe('ground truth', () => {
  it('is one object per sample, or one object', () => {
    const decided = truth([{ price: '5' }, {}]);
    assert.deepEqual(decided, { ok: true, known: null, ground_truth: [{ price: 5 }, { price: 0 }], samples: 3 });
    assert.deepEqual(truth({ price: 5 }), { ok: true, known: null, ground_truth: [{ price: 5 }], samples: 3 });
  });

  it('is refused for a round that was never started', () => {
    assert.equal(codeOf(truth([{ price: 5 }], null)), 404);
    const closing = RoundsCycleClosed.at(minute(1), { start: null, end: minute(1), config_hash: 'h' });
    assert.equal(codeOf(truth([{ price: 5 }], closing)), 404);
  });

  it('may be provided again if it is identical, and is refused otherwise', () => {
    assert.deepEqual(truth([{ price: '5.0' }, { price: 6 }], provided), { ok: true, known: provided });
    assert.equal(codeOf(truth([{ price: 6 }, { price: 5 }], provided)), 409);
    assert.equal(codeOf(truth([{ price: 5 }], provided)), 409);
  });

  it('is refused when it is no ground truth of these samples', () => {
    for (const list of [[], [1], [{ price: 'dear' }], Array.from({ length: 4 }, () => ({ price: 1 })), 'x']) {
      assert.equal(codeOf(truth(list as Json)), 422, JSON.stringify(list));
    }
  });
});
