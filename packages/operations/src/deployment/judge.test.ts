import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instantOfMillis } from '@crunch-node/streams';
import type { StateVerdict } from '../status/index.ts';
import type { Facts, RoundFacts } from './facts.ts';
import { judgeDeployment } from './judge.ts';
import { adviceFor } from './playbook.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
const idle: StateVerdict = {
  activity: 'idle',
  reached: instantOfMillis(NOW),
  behind_seconds: 0,
  behind_messages: 0,
  messages_per_second: null,
  catch_up_seconds: null,
  waits_for: [],
  still_seconds: null,
};
const stage = (service: string, more: Partial<StateVerdict> = {}) => ({
  ...idle,
  service,
  partition: '0',
  owner: 'a',
  ...more,
});
const projection = (more: Partial<StateVerdict> = {}) => ({
  ...idle,
  projection: 'scores',
  stream: 'SCORES',
  position: 1,
  lag: 0,
  ...more,
});
const rounds: RoundFacts = {
  lastMs: NOW - 30_000,
  rounds: 15,
  skipped: [],
  answered: 30,
  failed: 0,
  absent: 0,
  scored: 12,
  overdue: 0,
  nextDueMs: NOW + 60_000,
  lastScoredMs: NOW - 200_000,
};
const status = {
  streams: [],
  stages: [stage('ingest'), stage('score')],
  projections: [projection()],
  postgres: null,
  failures: [],
  instances: {},
  holders: {},
};
const well: Facts = {
  nowMs: NOW,
  pace: 'live',
  minutes: 15,
  cycleSeconds: 60,
  latenessSeconds: 30,
  recordSeconds: 60,
  roundSeconds: 60,
  config: { own: 'abc', fault: null, active: { hash: 'abc', revision: 2, atMs: NOW } },
  status,
  feeds: [{ subject: 'BTC', newestMs: NOW - 70_000 }],
  models: [{ model_id: '1', state: 'running', reason: null }],
  rounds,
  api: [
    { path: '/readyz', status: 200, detail: 'ready' },
    { path: '/signals/ensemble/main', status: 200, detail: 'newest' },
  ],
  failures: [],
  deadLetters: 0,
};

const failedIn = (facts: Facts) =>
  judgeDeployment(facts)
    .filter(({ state }) => state === 'failed')
    .map(({ check, layer, remedy }) => {
      assert.ok(remedy !== null && remedy.length > 10, `${check} has a remedy`);
      return `${check} (${layer})`;
    });

describe('a deployment', () => {
  it('is in order', () => {
    assert.deepEqual(failedIn(well), []);
    assert.ok(judgeDeployment(well).every(({ state }) => state === 'ok'));
  });

  it('shows when the first score is expected', () => {
    const facts = { ...well, rounds: { ...rounds, scored: 0, lastScoredMs: null } };
    const found = judgeDeployment(facts).find(({ check }) => check === 'scores');
    // the truth in a minute, then a cycle and its lateness
    assert.equal(found?.state, 'waiting');
    assert.equal(found?.detail, 'none yet, the next expected by 2026-11-30T12:02:30Z, in 150 s');
  });

  const cases: readonly [string, Partial<Facts>, string[]][] = [
    ['another configuration runs', { config: { ...well.config, own: 'def' } }, ['configuration (configuration)']],
    ['none is active', { config: { ...well.config, active: null } }, ['configuration (configuration)']],
    [
      'a configuration does not load',
      { config: { ...well.config, own: null, fault: 'broken' } },
      ['configuration (configuration)'],
    ],
    [
      'a stage has no owner',
      { status: { ...status, stages: [stage('score', { activity: 'unowned' })] } },
      ['score (stages)'],
    ],
    [
      'a stage is frozen',
      { status: { ...status, stages: [stage('rank', { activity: 'frozen', still_seconds: 20 })] } },
      ['rank (stages)'],
    ],
    [
      'a projection stands still',
      { status: { ...status, projections: [projection({ activity: 'frozen' })] } },
      ['read model (read model)'],
    ],
    [
      'Postgres is away',
      { status: { ...status, projections: null, postgres: 'refused' }, feeds: null, models: null, rounds: null },
      ['Postgres (read model)'],
    ],
    ['a subject has no record', { feeds: [{ subject: 'BTC', newestMs: null }] }, ['records (feed)']],
    ['records are old', { feeds: [{ subject: 'BTC', newestMs: NOW - 600_000 }] }, ['records (feed)']],
    ['no model runs', { models: [{ model_id: '1', state: 'failed', reason: 'refused' }] }, ['models (models)']],
    ['there is no model', { models: [] }, ['models (models)']],
    ['rounds have ceased', { rounds: { ...rounds, lastMs: NOW - 900_000 } }, ['predictions (predict)']],
    [
      'every round is skipped',
      { rounds: { ...rounds, skipped: [{ reason: 'stale', times: 15 }] } },
      ['predictions (predict)'],
    ],
    ['no answer is usable', { rounds: { ...rounds, answered: 0, failed: 30 } }, ['predictions (predict)']],
    ['scores are overdue', { rounds: { ...rounds, overdue: 3 } }, ['scores (score)']],
    ['the API is not known', { api: null }, ['API (API)']],
    ['the API does not answer', { api: [{ path: '/readyz', status: null, detail: 'refused' }] }, ['GET /readyz (API)']],
    ['the key is refused', { api: [{ path: '/readyz', status: 401, detail: 'no key' }] }, ['GET /readyz (API)']],
    [
      'signals fail',
      { api: [{ path: '/signals/ensemble/main', status: 500, detail: 'x' }] },
      ['GET /signals/ensemble/main (signals)'],
    ],
    ['messages are unreadable', { deadLetters: 2 }, ['unreadable messages (log)']],
  ];
  for (const [title, change, expected] of cases) {
    it(`names the layer and the remedy where ${title}`, () =>
      assert.deepEqual(failedIn({ ...well, ...change }), expected));
  }

  it('does not expect what a replay or a tournament has not', () => {
    assert.deepEqual(
      failedIn({ ...well, pace: 'replay', feeds: [{ subject: 'BTC', newestMs: 0 }], rounds: { ...rounds, lastMs: 0 } }),
      [],
    );
    assert.deepEqual(
      failedIn({ ...well, recordSeconds: null, roundSeconds: null, feeds: [], rounds: { ...rounds, lastMs: null } }),
      [],
    );
    assert.deepEqual(
      failedIn({ ...well, api: [{ path: '/signals/ensemble/main', status: 404, detail: 'nothing yet' }] }),
      [],
    );
  });

  it('counts rounds of the past apart from those that models were asked for', () => {
    const skipped = [{ reason: 'older than its interval of 60 s when it could be asked', times: 13 }];
    const of = (more: Partial<RoundFacts>, atMs = NOW - 3_600_000) => {
      const active = { hash: well.config.active?.hash ?? '', revision: 1, atMs };
      const facts = { ...well, config: { ...well.config, active }, rounds: { ...rounds, skipped, ...more } };
      const found = judgeDeployment(facts).find(({ check }) => check === 'predictions');
      return [found?.state, found?.detail];
    };
    assert.deepEqual(of({}), [
      'ok',
      '2 rounds in 15 min: 30 answers, 0 failed, 0 absent; besides 13 skipped, older than its interval of 60 s when it could be asked',
    ]);
    const none = { rounds: 13, answered: 0 };
    assert.match(of(none).join(), /^failed,every round was skipped: older than/);
    assert.match(of(none, NOW - 20_000).join(), /^waiting,no live round yet; 13 of the past skipped, older than/);
  });

  it('notes ensembles without a value, with the reason', () => {
    const silent = [{ name: 'main', reason: 'no score of a model has succeeded yet' }];
    const found = judgeDeployment({ ...well, silent }).find(({ check }) => check === 'signals of main');
    assert.deepEqual([found?.layer, found?.state], ['signals', 'noted']);
    assert.match(found?.detail ?? '', /none has a value: no score of a model/);
    assert.equal(
      judgeDeployment(well).some(({ check }) => check.startsWith('signals of')),
      false,
    );
  });

  it('names the options of a demo that runs', () => {
    const config = { ...well.config, own: 'f'.repeat(64), options: '--demo --pack trading --feed synthetic' };
    const [found] = judgeDeployment({ ...well, config });
    assert.equal(found?.state, 'failed');
    assert.match(found?.remedy ?? '', /crunch-node verify-deployment --demo --pack trading --feed synthetic$/);
  });

  it('lists causes of failures with their layer', () => {
    const failures = [
      {
        what: 'answer',
        reason: 'value: expected a finite number, received NaN',
        times: 3,
        models: 1,
        example: '7',
        example_name: 'ann',
      },
      { what: 'score', reason: 'entry price is 0', times: 2, models: 4, example: '1', example_name: null },
    ] as const;
    const found = judgeDeployment({ ...well, failures }).slice(-2);
    assert.deepEqual(
      found.map(({ layer, state, detail }) => [layer, state, detail]),
      [
        ['models', 'noted', '3 times, model ann: value: expected a finite number, received NaN'],
        ['feed', 'noted', '2 times, 4 models, such as 1: entry price is 0'],
      ],
    );
    assert.equal(adviceFor('answer', 'MODEL_FAILED: a model may raise').layer, 'models');
    assert.equal(adviceFor('score', 'scoring_function is the stub of a new project').layer, 'configuration');
    assert.equal(adviceFor('score', 'something else').layer, 'score');
  });
});
