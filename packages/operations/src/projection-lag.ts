import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@crunch-node/eventlog';
import { allProjections, type ReadModel } from '@crunch-node/projections';
import { listPositions } from '@crunch-node/projector';

export interface ProjectionLag {
  readonly projection: string;
  readonly stream: string;
  /** sequence of the last message handled; 0: none yet */
  readonly position: number;
  /** messages of its stream not handled yet */
  readonly lag: number;
}

const projections = allProjections({ configIdOf: () => '' });

/** The position of every projection. @throws when Postgres cannot be queried */
export async function projectionLag(log: EventLog, { db, schema }: ReadModel): Promise<ProjectionLag[]> {
  const positions = new Map(
    (await listPositions(db, schema)).map(({ projection, sequence }) => [projection, sequence] as const),
  );
  return Promise.all(
    projections.map(async ({ name, stream }) => {
      const position = positions.get(name) ?? 0;
      const { lastSequence } = await log.info(stream);
      return { projection: name, stream: stream.name, position, lag: Math.max(0, lastSequence - position) };
    }),
  );
}

const LOOK_MS = 100;
/** How long Postgres may be away before an error is reported; projections wait longer. */
const PATIENCE_MS = 60_000;

/**
 * Resolves once every projection has handled the current content of the log. @throws when Postgres cannot be queried
 * for a minute
 */
export async function projected(log: EventLog, model: ReadModel, signal: AbortSignal): Promise<void> {
  const goal = await Promise.all(projections.map(async ({ stream }) => (await log.info(stream)).lastSequence));
  let answeredAt = performance.now();
  for (;;) {
    try {
      const statuses = await projectionLag(log, model);
      if (statuses.every(({ position }, index) => position >= (goal[index] ?? 0))) return;
      answeredAt = performance.now();
    } catch (error) {
      if (performance.now() - answeredAt > PATIENCE_MS) throw error;
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}
