import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { type Plan, planOf } from './chaos/plan.ts';
import { run } from './chaos/run.ts';
import { openSurroundings, type Surroundings } from './chaos/surroundings.ts';

const CYCLES = 30;

/** Each service is killed once at a critical place, and both servers, while read models are rebuilt. */
const plan: Plan = {
  seed: 'bounded',
  processes: {
    ingest: [{ how: 'point', at: 'stored', times: 20 }],
    'predict-1': [{ how: 'point', at: 'models-asked', times: 10 }],
    'predict-2': [{ how: 'point', at: 'cycle-closed', times: 5 }],
    'score-1': [{ how: 'point', at: 'cycle-published', times: 7 }],
    'score-2': [{ how: 'freeze', afterMs: 500, forMs: 3_000 }],
    ensemble: [{ how: 'point', at: 'stored', times: 9 }],
    snapshot: [{ how: 'point', at: 'stored', times: 12 }],
    rank: [{ how: 'point', at: 'cycle-published', times: 4 }],
    checkpoint: [{ how: 'point', at: 'lease-renewed', times: 1 }],
    project: [
      { how: 'point', at: 'in-transaction', times: 6 },
      { how: 'point', at: 'committed', times: 6 },
    ],
  },
  servers: [
    { server: 'nats-server', how: 'kill', atCycle: 10, forMs: 500 },
    { server: 'Postgres', how: 'kill', atCycle: 15, forMs: 500 },
    { server: 'nats-server', how: 'slow disk', atCycle: 5, forMs: 2_000 },
    { server: 'Postgres', how: 'slow disk', atCycle: 5, forMs: 2_000 },
  ],
  replays: [{ atCycle: 20, at: ['replay-exchanged'] }],
};

describe('killed at the places that matter', () => {
  let surroundings: Surroundings;
  let folder: TempDir;
  before(async () => {
    folder = await tempDir('crunch-chaos-logs-');
    surroundings = await openSurroundings({ cycles: CYCLES, feedSeed: 'bounded' });
  });
  after(async () => {
    await surroundings?.stop();
    await folder?.remove();
  });

  it('every service publishes what it does in an undisturbed run', { timeout: 1_800_000 }, async (t) => {
    const reported: string[] = [];
    const context = { surroundings, cycles: CYCLES, folder: folder.path, print: (line: string) => reported.push(line) };
    const { faults, suffered, servers } = await run(plan, context);
    t.diagnostic(`\n${reported.join('\n')}`);
    assert.deepEqual(faults, []);
    const unharmed = [...suffered, ...servers].filter(({ outcome }) => outcome === 'not reached');
    assert.deepEqual(unharmed, []);
  });
});

describe('the plan of a run', () => {
  const options = { endings: 3, cycles: 90 };

  it('is a function of its seed', () => {
    assert.deepEqual(planOf('7/1', options), planOf('7/1', options));
    assert.notDeepEqual(planOf('7/1', options), planOf('7/2', options));
  });

  it('holds only what is named', () => {
    const { processes, servers, replays } = planOf('7/1', { ...options, only: ['score'] });
    const disturbed = Object.keys(processes).filter((name) => (processes[name] ?? []).length > 0);
    assert.deepEqual(disturbed, ['score-1', 'score-2']);
    assert.deepEqual([...servers, ...replays], []);
  });
});
