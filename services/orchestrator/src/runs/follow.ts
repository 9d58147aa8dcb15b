import { setTimeout as delay } from 'node:timers/promises';
import type { ModelRuns } from './model-runs.ts';
import type { ReadWanted, Wanted } from './wanted.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** polling interval, as in the orchestrator of the existing platform */
  readonly everyMs?: number;
  /** called once per fault, until the fault changes */
  readonly onFault: (fault: string) => void;
}

/**
 * Brings the running models in line with the wanted ones, once; later with each change. A model that was stopped by
 * hand stays stopped until its entry changes.
 */
export function follower(runs: ModelRuns, read: ReadWanted, onFault: (fault: string) => void): () => Promise<void> {
  let last = new Map<string, Wanted>();
  let known = new Set<string>();

  return async () => {
    const { models, faults } = await read();
    for (const fault of faults) if (!known.has(fault)) onFault(fault);
    known = new Set(faults);
    const wanted = new Map(models.map((one) => [one.model.model_id, one]));
    const before = last;
    last = wanted;
    const changes = [
      ...[...before.keys()].filter((id) => !wanted.has(id)).map((id) => runs.remove(id)),
      ...[...wanted.values()].map((one) => bring(runs, before.get(one.model.model_id), one)),
    ];
    await Promise.all(changes);
  };
}

async function bring(runs: ModelRuns, before: Wanted | undefined, now: Wanted): Promise<void> {
  const { model, desired } = now;
  if (before === undefined || JSON.stringify(before.model) !== JSON.stringify(model)) return runs.add(model, desired);
  if (before.desired === desired) return;
  if (desired === 'RUNNING') await runs.restart(model.model_id);
  else await runs.stop(model.model_id);
}

/**
 * Follows until the signal aborts. A file that cannot be read for a moment, as while it is written, changes nothing.
 */
export async function follow(
  once: () => Promise<void>,
  { signal, everyMs = 1_000, onFault }: FollowOptions,
): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await once();
      last = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== last) onFault(message);
      last = message;
    }
  }
}
