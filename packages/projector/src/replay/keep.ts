import type { ReadModel } from '@crunch-node/projections';
import { dropGeneration, type Generation, listGenerations } from '@crunch-node/projections/generations';
import { sql } from 'kysely';

const LOCK_WAIT_MS = 1_000;

/**
 * Drops generations that are no longer needed. Each separately, so that one that cannot be dropped (a foreign view
 * depends on it) does not block the others.
 * @returns those dropped, and why others were not
 */
export async function drop(
  { db, schema }: Pick<ReadModel, 'db' | 'schema'>,
  which: (generation: Generation, now: string) => boolean,
): Promise<{ readonly dropped: readonly Generation[]; readonly faults: readonly Error[] }> {
  const dropped: Generation[] = [];
  const faults: Error[] = [];
  for (const generation of await listGenerations(db, schema)) {
    try {
      const isGone = await db.transaction().execute(async (trx) => {
        await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT_MS)}`.execute(trx);
        await sql`select pg_advisory_xact_lock(hashtextextended(${`crunch-node ${schema}`}, 0))`.execute(trx);
        // Checked again under the lock: it may have been restored meanwhile.
        const { projection, slot, began_at } = generation;
        const now = (await listGenerations(trx, schema)).find(
          (one) => one.projection === projection && one.slot === slot && one.began_at === began_at,
        );
        const clock = await sql<{ now: string }>`select now() as now`.execute(trx);
        if (now === undefined || !which(now, clock.rows[0]?.now ?? '')) return false;
        await dropGeneration(trx, schema, now);
        return true;
      });
      if (isGone) dropped.push(generation);
    } catch (error) {
      faults.push(
        new Error(`${generation.slot} generation of ${generation.projection}: ${(error as Error).message}`, {
          cause: error,
        }),
      );
    }
  }
  return { dropped, faults };
}

/** Generations kept for long enough, by the clock of Postgres, which all processes share. */
export const dropExpired = (model: Pick<ReadModel, 'db' | 'schema'>) =>
  drop(model, ({ slot, keep_until }, now) => slot === 'previous' && keep_until !== null && keep_until <= now);
