/** The real crunch-model-runner with example models of the challenge packages, called by our predict. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CrunchDefinition } from '@crunch-node/config';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { type ModelRuns, type ModelToRun, startModelRuns } from '@crunch-node/orchestrator';
import { pythonPeer } from '../support/python-peers.ts';
import { type Challenge, challenges, exampleOf, modelAt } from './challenges.ts';
import { type Predicting, startPredicting } from './predicting.ts';

const peer = await pythonPeer('runner');

describe('example models of the challenge packages', { skip: peer.missing ?? false, concurrency: 3 }, () => {
  const python = 'python' in peer ? peer.python : '';
  let server: NatsServer;
  let folder: TempDir;
  before(async () => {
    server = await privateNats();
    folder = await tempDir('crunch-peers-');
  });
  after(async () => {
    await server.stop();
    await folder.remove();
  });

  interface Scene {
    readonly runs: ModelRuns;
    readonly predicting: Predicting;
  }
  /** Runs one model under our orchestrator and calls it by our predict. */
  async function scene<T>(
    model: ModelToRun,
    { baseClassname, config }: Pick<Challenge, 'baseClassname' | 'config'>,
    work: (scene: Scene) => Promise<T>,
  ): Promise<T> {
    const runs = await startModelRuns({
      crunchId: 'demo',
      folder: `${folder.path}/runs-${model.model_id}`,
      env: { ...process.env, CRUNCH_PYTHON: python, PYTHONDONTWRITEBYTECODE: '1' },
      restartMs: [20, 100],
    });
    await runs.add(model);
    const predicting = await startPredicting({
      natsUrl: server.url,
      orchestratorUrl: runs.url,
      baseClassname,
      models: [model.model_id],
      definition: config,
    });
    try {
      return await work({ runs, predicting });
    } finally {
      await predicting.stop();
      await runs.close();
    }
  }
  const predictionsOf = async (challenge: Challenge, minutes: number) =>
    scene(await exampleOf(challenge, python, folder.path), challenge, ({ predicting }) => predicting.until(minutes));
  const [synth, condor, bird] = challenges as [Challenge, Challenge, Challenge];

  for (const challenge of [synth, condor]) {
    it(`predict with ${challenge.name}`, async () => {
      const predictions = await predictionsOf(challenge, 30);
      const last = predictions.at(-1)!;
      assert.equal(predictions.length, 30);
      assert.deepEqual([last.status, last.reason], ['PENDING', null]);
      const densities = last.inference_output.result as { step: number; components: unknown[] }[];
      assert.deepEqual(
        densities.map(({ step }) => step),
        Array.from({ length: 12 }, (_, i) => 300 * (i + 1)),
      );
      const [{ density }] = densities[0]!.components as [{ density: { params: { loc: number; scale: number } } }];
      assert.ok(density.params.scale > 0);
      // one price is not enough to predict: one model answers an empty list, the other NaN
      const first = predictions[0]!;
      if (challenge === condor) assert.deepEqual([first.status, first.inference_output], ['PENDING', { result: [] }]);
      else assert.match(`${first.status} ${first.reason}`, /^FAILED result\.\d+\..*scale: .*received NaN$/);
    });
  }

  it(`predict with birdgame, made with a horizon and ticked with two arguments`, async () => {
    const predictions = await predictionsOf(bird, 8);
    assert.deepEqual(
      predictions.map(({ status, reason }) => `${status} ${reason}`),
      Array.from({ length: 8 }, () => 'PENDING null'),
    );
    const scales = predictions.map(({ inference_output }) => {
      const [core] = inference_output.components as [{ density: { params: { loc: number; scale: number } } }];
      return core.density.params.scale;
    });
    // the horizon of two minutes that its constructor was given: nothing is learnt before
    assert.ok(scales[0]! <= 1e-6 && scales.at(-1)! > 1e-3, `received ${scales}`);
  });

  const odd = { baseClassname: 'cruncher.ModelBaseClass', config: {} };
  const oddModel = (id: string) => modelAt(id, `${import.meta.dirname}/odd`);

  it('cool down when they keep being late', async () => {
    const config: CrunchDefinition = {
      scope: { subject: 'BTC', step_seconds: 1 },
      call_method: { method: 'sleeps', args: [{ name: 'step_seconds', type: 'FLOAT' }] },
      model_timeout_seconds: 0.2,
    };
    const predictions = await scene(await oddModel('late'), { ...odd, config }, ({ predicting }) =>
      predicting.until(5),
    );
    const reasons = predictions.map(({ runner_status, reason }) => `${runner_status} ${reason}`);
    const skipped = /^TIMEOUT cool-down/;
    assert.equal(reasons.filter((reason) => skipped.test(reason)).length, 3, reasons.join('; '));
    assert.equal(reasons.filter((reason) => /^TIMEOUT DEADLINE_EXCEEDED/.test(reason)).length, 2, reasons.join('; '));
  });

  it('continue after the process of one was killed and started again', async () => {
    await scene(await oddModel('killed'), odd, async ({ runs, predicting }) => {
      const [before] = await predicting.until(1);
      assert.deepEqual(before!.inference_output, { value: 0.5, seen: 1, horizon: 60 });
      const [first] = runs.states();
      process.kill(first!.pid!, 'SIGKILL');
      await until('another process', () => {
        const [state] = runs.states();
        return state!.status === 'RUNNER_RUNNING' && state!.pid !== first!.pid;
      });
      assert.equal(runs.states()[0]!.deployment_id, first!.deployment_id, 'it recovered: the deployment is the same');
      let minute = 2;
      const { status, inference_output } = await until('an answer of it', async () => {
        const last = (await predicting.until(minute++)).at(-1)!;
        return last.status === 'PENDING' && last;
      });
      assert.equal(status, 'PENDING');
      assert.ok(Number(inference_output.seen) < minute, 'it started again');
    });
  });
});
