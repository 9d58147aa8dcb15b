import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleHouses } from './houses.ts';
import { tournamentExampleModels } from './index.ts';

describe('models of a tournament', () => {
  it('differ from each other on the sample houses', async () => {
    const answers = await Promise.all(
      tournamentExampleModels.map(async ({ create }) =>
        Promise.all(
          sampleHouses
            .filter(({ features }) => features.age_years <= 60)
            .map(async ({ features }) => (await create().predict(features)).prediction),
        ),
      ),
    );
    assert.equal(new Set(answers.map((each) => JSON.stringify(each))).size, tournamentExampleModels.length);
  });

  it('predict a price for any features', () =>
    fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.anything()), async (features) => {
        for (const { create } of tournamentExampleModels) {
          const { prediction } = await create().predict({ ...features, age_years: 10 });
          assert.ok(Number.isFinite(prediction));
        }
      }),
      { numRuns: 50 },
    ));

  it('may refuse a sample', () => {
    const location = tournamentExampleModels.find(({ model_name }) => model_name === 'location');
    assert.throws(() => location?.create().predict({ age_years: 88 }), /at most 60 years, received 88/);
  });
});
