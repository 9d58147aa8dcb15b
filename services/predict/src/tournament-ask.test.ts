import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch, tournamentPack } from '@crunch-node/config';
import { samplesOf } from '@crunch-node/domain';
import type { ModelAnswer, ModelPool } from '@crunch-node/models';
import { TournamentRoundRequested } from '@crunch-node/streams';
import type { RosterWriter } from './roster.ts';
import { createAskSamples } from './tournament-ask.ts';

const requested = TournamentRoundRequested.at('2026-01-01T00:00:00.000000Z', {
  tournament: 'a',
  features: [{ x: 1 }, { x: 2 }, { x: 3 }],
});
const samples = samplesOf(requested, 0);
const good: ModelAnswer = {
  status: 'SUCCESS',
  result: { prediction: 1 },
  error_code: null,
  message: null,
  detail: null,
  exec_us: 10,
};

/** Models that are scripted: the number of a call decides; null: it never answers. */
function asking(
  script: (model: string, call: number) => ModelAnswer | null,
  isRunning = (_: string, __: number) => true,
) {
  const calls = new Map<string, number>();
  const reported: string[] = [];
  const called = (model: string): number => calls.get(model) ?? 0;
  const pool = {
    isRunning: (model: string) => isRunning(model, called(model)),
    async call(model: string): Promise<ModelAnswer> {
      calls.set(model, called(model) + 1);
      return script(model, called(model)) ?? new Promise<never>(() => undefined);
    },
    async reportFailure(model: string) {
      reported.push(model);
    },
  };
  const ask = createAskSamples({
    config: defineCrunch(tournamentPack),
    pool: pool as unknown as ModelPool,
    roster: { known: () => ['a', 'b'] } as unknown as RosterWriter,
    count: () => undefined,
  });
  return { ask, calls, reported };
}

describe('calling models for samples', () => {
  it('writes down each missing sample of a model that went away', async () => {
    const { ask, calls } = asking(
      () => good,
      (model, call) => model === 'a' || call < 1,
    );
    const answers = await ask(samples, 0, new Map(), new AbortController().signal);
    assert.deepEqual(
      answers.map(({ outcomes }) => outcomes.map(({ model_id, kind }) => `${model_id} ${kind}`).sort()),
      [
        ['a answered', 'b answered'],
        ['a answered', 'b absent'],
        ['a answered', 'b absent'],
      ],
    );
    assert.deepEqual(Object.fromEntries(calls), { a: 3, b: 1 });
  });

  it('continues after a failure, and lets a late model cool down', async () => {
    const late: ModelAnswer = { ...good, status: 'TIMEOUT', result: undefined };
    const failed: ModelAnswer = { ...good, status: 'FAILED', result: undefined };
    const { ask, calls } = asking((model, call) => (model === 'a' ? (call === 1 ? failed : good) : late));
    const answers = await ask(samples, 0, new Map(), new AbortController().signal);
    const kinds = (model: string) =>
      answers.map(({ outcomes }) => {
        const outcome = outcomes.find(({ model_id }) => model_id === model);
        return outcome?.kind === 'answered' ? outcome.status : outcome?.kind;
      });
    assert.deepEqual(kinds('a'), ['FAILED', 'SUCCESS', 'SUCCESS']);
    assert.deepEqual(kinds('b'), ['TIMEOUT', 'cooling', 'TIMEOUT']);
    assert.equal(calls.get('b'), 2);
  });

  it('waits for no model when it is stopped', async () => {
    const { ask } = asking((model) => (model === 'a' ? good : null));
    const stopping = new AbortController();
    const asked = ask(samples, 0, new Map(), stopping.signal);
    stopping.abort(new Error('stopping'));
    await assert.rejects(asked, /stopping/);
  });
});
