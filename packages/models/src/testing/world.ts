/** A host, an orchestrator and a pool of one test, all real, with short times. */
import type { TestContext } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import { type ConnectModelsOptions, connectModels } from '../connect-models.ts';
import { type LocalOrchestrator, startLocalOrchestrator } from '../host/local-orchestrator.ts';
import { type LocalModel, type ModelHost, startModelHost } from '../host/model-host.ts';
import type { ModelPool, PoolChange } from '../pool.ts';
import { encodeCall } from '../wire/calls.ts';

export const CRUNCH = 'test-crunch';

/** Long enough for a noisy machine: nothing waits for it when things go well. */
export const PLENTY_MS = 20_000;
export const limits = { deadlineMs: PLENTY_MS, patient: false } as const;
export const soon = { deadlineMs: 150, patient: false } as const;

export const predict = encodeCall('predict', [
  { type: 'STRING', value: 'BTCUSDT' },
  { type: 'INT', value: 60 },
  { type: 'INT', value: 15 },
]);
export const feedUpdate = encodeCall('feed_update', [{ type: 'JSON', value: { symbol: 'BTCUSDT', asof_ts: 1 } }]);

/** Waits for a condition, and throws with its description when it does not come true in time. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  await until(what, holds, { deadlineMs: PLENTY_MS, everyMs: 5 });
}

export const localModel = (model_id: string, create: LocalModel['create']): LocalModel => ({
  model_id,
  model_name: `model ${model_id}`,
  cruncher_id: `local-${model_id}`,
  cruncher_name: 'tester',
  create,
});

export interface World {
  readonly host: ModelHost;
  readonly orchestrator: LocalOrchestrator;
  readonly pool: ModelPool;
  /** all changes the pool reported, in order */
  readonly changes: PoolChange[];
}

export const FAST = {
  readyMs: PLENTY_MS,
  tlsProbeMs: 200,
  setupMs: PLENTY_MS,
  retryMs: [20, 40, 80, 160],
  connectGraceMs: 2_000,
  busyMs: [1, 10],
  backOffMs: [10, 50],
} satisfies ConnectModelsOptions['timing'];

/** Connects to the given models and ends everything with the test. */
export async function openWorld(
  t: TestContext,
  models: readonly LocalModel[],
  options: Partial<ConnectModelsOptions> = {},
): Promise<World> {
  const host = await startModelHost({ models });
  const orchestrator = await startLocalOrchestrator({ crunchId: CRUNCH, models: host });
  const pool = connectModels({
    orchestratorUrl: orchestrator.url,
    crunchId: CRUNCH,
    baseClassname: 'cruncher.ModelBaseClass',
    ...options,
    timing: { ...FAST, ...options.timing },
  });
  t.after(async () => {
    await pool.close();
    await orchestrator.stop();
    host.stopAll();
  });
  const changes: PoolChange[] = [];
  pool.watch((change) => changes.push(change));
  await pool.settled([], AbortSignal.timeout(PLENTY_MS));
  return { host, orchestrator, pool, changes };
}

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
