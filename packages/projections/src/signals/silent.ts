import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import { listEnsembles, newestSignals } from './queries.ts';

/** An ensemble whose newest signal has no value. */
export interface SilentEnsemble {
  readonly name: string;
  readonly reason: string;
}

/** Ensembles that give no value at present, each with the reason. */
export async function silentEnsembles(db: Kysely<Database>): Promise<readonly SilentEnsemble[]> {
  const silent: SilentEnsemble[] = [];
  for (const { name } of await listEnsembles(db)) {
    const [newest] = await newestSignals(db, name, { limit: 1 });
    if (newest !== undefined && newest.value === null) silent.push({ name, reason: await reasonOf(db, name) });
  }
  return silent;
}

async function reasonOf(db: Kysely<Database>, name: string): Promise<string> {
  const decided = await db
    .selectFrom('ensemble_weights')
    .select('weights')
    .where('name', '=', name)
    .orderBy('cycle_end', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (decided === undefined || Object.keys(decided.weights).length > 0) {
    return 'no member with a weight gives a usable answer in the fields it combines';
  }
  const scored = await db
    .selectFrom('scores')
    .select('score_id')
    .where('success', '=', true)
    .limit(1)
    .executeTakeFirst();
  return scored === undefined
    ? 'no score of a model has succeeded yet, so that none has a weight: the failures by reason have the cause'
    : 'its filter or strategy leaves no model with a weight';
}
