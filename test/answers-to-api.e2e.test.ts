import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '@crunch-node/streams';
import fc from 'fast-check';
import { chainRules, MODELS, runChain } from '../packages/domain/src/testing/chain.ts';
import { hostileNumber } from '../packages/domain/src/testing/hostile-numbers.ts';
import { reportConfig } from '../services/report/src/testing/report-config.ts';
import { openScene } from '../services/report/src/testing/scene.ts';

const RUNS = 3;
const PATHS = [
  '/reports/leaderboard?include_ensembles=true',
  '/reports/models/global?include_ensembles=true',
  '/reports/models/params?include_ensembles=true',
  '/reports/models/metrics?include_ensembles=true',
  '/reports/models/summary?include_ensembles=true',
  '/reports/predictions',
  '/reports/snapshots',
  '/reports/checkpoints',
  '/reports/checkpoints/rewards',
  '/reports/merkle/cycles',
  '/reports/diversity',
  '/reports/ensemble/history',
  '/reports/schema',
  '/signals/ensemble/main',
  '/signals/ensemble/main/history',
];

const answer = fc.oneof(
  { weight: 6, arbitrary: hostileNumber.map((value): Json => ({ value })) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const cycles = fc.array(fc.array(answer, { minLength: MODELS.length, maxLength: MODELS.length }), {
  minLength: 4,
  maxLength: 8,
});
/** Each score is a number, and the sum of a few is none. */
const tooLargeToAdd = Array.from({ length: 8 }, (_, i) =>
  [0.1, -0.2 * i, 1.5e307, i % 2 === 0 ? 1e307 : -1e307].map((value): Json => ({ value })),
);
const prices = Array.from({ length: 12 }, (_, i) => 100 + ((i * 37) % 11));

function assertNumbers(value: unknown, path: string): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path}: ${value}`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) assertNumbers(part, `${path}.${key}`);
}

describe('any answer of a model', () => {
  it('becomes rows, and responses of the API with JSON numbers', async (t) => {
    const seed = Math.floor(Math.random() * 1e9);
    t.diagnostic(`seed ${seed}`);
    for (const given of [tooLargeToAdd, ...fc.sample(cycles, { numRuns: RUNS, seed })]) {
      const rules = chainRules('desc', 'hour');
      const { log } = runChain(given, prices, rules);
      const end = log.at(-1)?.event.at ?? '';
      const config = { ...reportConfig, aggregation: rules.aggregation, metrics: rules.metrics };
      const scene = await openScene(log, { config, now: end });
      try {
        for (const path of PATHS) {
          const url = `${path}${path.includes('?') ? '&' : '?'}end=${end}`;
          const { statusCode, body } = await scene.app.inject({ url });
          assert.ok([200, 404].includes(statusCode), `${path}: ${statusCode} ${body.slice(0, 300)}`);
          assertNumbers(JSON.parse(body), path);
        }
      } finally {
        await scene.close();
      }
    }
  });
});
