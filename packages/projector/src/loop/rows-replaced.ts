import { setTimeout as delay } from 'node:timers/promises';
import { isPostgresAway } from '@crunch-node/postgres';
import { type Position, readPosition } from '../position/position.ts';
import type { ProjectionContext } from './projection-loop.ts';

const PARTITION = 'all';
const LOOK_EVERY_MS = 1_000;

/** Resolves to true once the position of a projection's rows has changed; to false when the signal aborts. */
export async function rowsReplaced<DB>(
  { db, schema, signal }: Pick<ProjectionContext<DB>, 'db' | 'schema' | 'signal'>,
  projection: string,
): Promise<boolean> {
  let before: string | undefined;
  while (!signal.aborted) {
    try {
      const standing = identityOf(await readPosition(db, schema, projection, PARTITION));
      before ??= standing;
      if (standing !== before) return true;
    } catch (error) {
      if (!signal.aborted && !isPostgresAway(error)) throw error;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

const identityOf = (position: Position | undefined): string =>
  position === undefined
    ? 'none'
    : [position.version, position.created, position.sequence, position.message_id].join(' ');
