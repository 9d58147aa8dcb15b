import { type LocalModel, localPool } from '@crunch-node/models';
import type { AskedModels } from '../engine/run.ts';

/** Models of this process. @throws errors of their constructors */
export async function inProcess(models: readonly LocalModel[]): Promise<AskedModels> {
  const pool = await localPool(models);
  return { names: models.map(({ create: _, ...names }) => names), pool, dropped: pool.dropped };
}
