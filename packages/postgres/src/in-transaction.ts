import type pg from 'pg';
import { codeOf } from './code-of.ts';
import { beginning, type StatementSettings } from './transactions.ts';

/** Runs in a read-only transaction with settings of its own, and leaves the connection unchanged. */
export async function inReadOnlyTransaction<T>(
  pool: pg.Pool,
  settings: Pick<StatementSettings, 'local'>,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(beginning({ ...settings, readOnly: true }));
    return await work(client);
  } catch (error) {
    // A response after the time-out would be taken for that of the next query.
    if (codeOf(error) === undefined) broken = error as Error;
    throw error;
  } finally {
    if (broken === undefined) {
      await client.query('rollback').catch((error: Error) => {
        broken = error;
      });
    }
    client.release(broken);
  }
}
