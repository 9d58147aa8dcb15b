import { setTimeout as delay } from 'node:timers/promises';
import { isPostgresAway } from '@crunch-node/postgres';
import type { ReadModel } from '@crunch-node/projections';
import { listPositions } from '../position/position.ts';
import { ProjectionStopped, type Runner } from './runner.ts';

const LOOK_AGAIN_MS = 100;

/**
 * Resolves once the positions in the database have reached their ends. The loop's own position is not enough: a
 * Postgres that crashes may lose commits it had acknowledged, until the loop notices and writes the rows again.
 * @throws {ProjectionStopped}
 */
export async function untilCommitted(
  { db, schema }: ReadModel,
  runners: readonly Runner[],
  ends: ReadonlyMap<string, number>,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    const reached = await sequences(db, schema);
    const behind = runners.filter(({ projection: { name } }) => (reached.get(name) ?? -1) < (ends.get(name) ?? 0));
    if (behind.length === 0) return;
    const over = behind.find((runner) => ['failed', 'stopped'].includes(runner.status().state));
    if (over !== undefined) throw new ProjectionStopped(over.status(), ends.get(over.projection.name) ?? 0);
    await delay(LOOK_AGAIN_MS, undefined, { ...(signal && { signal }) });
  }
}

/** By projection; none while Postgres is away. */
async function sequences(db: ReadModel['db'], schema: string): Promise<ReadonlyMap<string, number>> {
  try {
    const positions = await listPositions(db, schema);
    return new Map(positions.map(({ projection, sequence }) => [projection, sequence]));
  } catch (error) {
    if (isPostgresAway(error)) return new Map();
    throw error;
  }
}
