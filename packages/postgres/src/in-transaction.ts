import type pg from 'pg';
import { beginning, type StatementSettings } from './transactions.ts';

/** Works in a transaction that cannot write, with settings of its own, and leaves the connection as it was. */
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
    // An answer that no longer comes in time would be taken for that of the next question.
    if ((error as { code?: string }).code === undefined) broken = error as Error;
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
