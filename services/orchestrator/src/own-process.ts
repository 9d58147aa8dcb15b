import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { ExampleSet } from './example-sets.ts';

export interface OrchestratorProcess {
  /** what `connectModels` takes as `orchestratorUrl` */
  readonly url: string;
  readonly modelIds: readonly string[];
  stop(): Promise<void>;
}

/**
 * Runs the example models in a process of their own, so that answering does not compete with calling for the processor.
 * It ends with this process, however that ends.
 * @throws {Error} when it does not start
 */
export async function startOrchestratorProcess(crunchId: string, set: ExampleSet): Promise<OrchestratorProcess> {
  const child = fork(new URL('../bin/orchestrator.js', import.meta.url), [crunchId, set], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const failed = exited.then(([code]) => {
    throw new Error(`expected the example models to come up, but their process ended with ${code}`);
  });
  failed.catch(() => undefined);
  const [reply] = (await Promise.race([once(child, 'message'), failed])) as [
    Pick<OrchestratorProcess, 'url' | 'modelIds'>,
  ];
  return {
    ...reply,
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
