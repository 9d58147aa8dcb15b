import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duck, sqlText } from '../duck.ts';
import { archiveColumns } from './columns.ts';
import { type ArchivePlan, partSql } from './query.ts';
import { rowsOfNothing } from './read-sql.ts';

/**
 * The result of a plan as a Parquet file, which can only be sent once it is complete. The caller has to `remove` it.
 * @param scratch a folder of this process
 */
export async function answerFile(
  duck: Duck,
  scratch: string,
  plan: ArchivePlan,
  signal?: AbortSignal,
): Promise<{ readonly file: string; remove(): Promise<void> }> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const file = join(scratch, `${randomBytes(8).toString('hex')}.parquet`);
  const remove = () => rm(file, { force: true });
  const select = plan.columns.join(', ');
  const parts = plan.parts.map((part) => `(${partSql(archiveColumns.join(', '), part)})`);
  const all = parts.length === 0 ? rowsOfNothing : parts.join(' union all ');
  const connection = await duck.connect();
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    signal?.throwIfAborted();
    await connection.run(
      `copy (select ${select} from (${all})) to ${sqlText(file)} (format parquet, compression zstd)`,
    );
    return { file, remove };
  } catch (error) {
    await remove();
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
  }
}
