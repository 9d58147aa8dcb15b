import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { ConfigActivationRow } from './tables.ts';

/** The configuration in force, or about to be from the next closing; undefined before the first. */
export const newestConfiguration = (db: Kysely<Database>): Promise<ConfigActivationRow | undefined> =>
  db.selectFrom('config_activations').selectAll().orderBy('revision', 'desc').limit(1).executeTakeFirst();
