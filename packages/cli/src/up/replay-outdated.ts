import type { ReadModel } from '@crunch-node/projections';
import { outdatedProjections, ReplayRunning, replay } from '@crunch-node/projector';
import type { ServiceContext } from '@crunch-node/service';
import type { Namespace } from '@crunch-node/streams';
import type { Screen } from '../screen.ts';

export interface Outdated {
  readonly context: Pick<ServiceContext<unknown>, 'log' | 'logger'>;
  readonly readModel: ReadModel;
  readonly databaseUrl: string;
  readonly namespace: Namespace;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/**
 * Rebuilds read models of an older release, next to everything else that runs, since no other process does it. Stages
 * do not wait for it; projections of another version do. What was replaced is kept for a day.
 */
export async function replayOutdated(outdated: Outdated): Promise<void> {
  const { context, readModel, databaseUrl, namespace, screen, signal } = outdated;
  const only = await outdatedProjections(readModel);
  if (only.length === 0) return;
  screen.print(`rebuilding ${only.join(', ')}, which an older release has built`);
  try {
    const { failed } = await replay({ ...context, databaseUrl, namespace, signal }, { only });
    for (const { projection, error } of failed) screen.print(`${projection} was not built: ${error.message}`);
    if (failed.length === 0) screen.print(`${only.join(', ')}: built and in use`);
  } catch (error) {
    if (signal.aborted) return; // the next start continues
    if (!(error instanceof ReplayRunning)) throw error;
    screen.print((error as Error).message);
  }
}
