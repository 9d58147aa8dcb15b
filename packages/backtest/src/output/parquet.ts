import { rm, writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { PredictionRow } from '../analysis/rows.ts';

const COLUMNS = `{model_id: 'VARCHAR', prediction_id: 'VARCHAR', scope_key: 'VARCHAR', subject: 'VARCHAR',
  performed_at: 'VARCHAR', resolvable_at: 'VARCHAR', outcome: 'VARCHAR', output: 'VARCHAR', ground_truth: 'VARCHAR',
  score: 'DOUBLE', prediction: 'DOUBLE', actual: 'DOUBLE', failed_reason: 'VARCHAR'}`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** One row a prediction; outputs and ground truths as JSON text, times as timestamps in UTC. */
export async function writeParquet(path: string, rows: readonly PredictionRow[]): Promise<void> {
  const lines = `${path}.jsonl`;
  const text = rows.map(({ output, ground_truth, ...row }) =>
    JSON.stringify({
      ...row,
      output: JSON.stringify(output),
      ground_truth: ground_truth && JSON.stringify(ground_truth),
    }),
  );
  await writeFile(lines, `${text.join('\n')}\n`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(
      `copy (select * replace (performed_at::timestamptz as performed_at, resolvable_at::timestamptz as resolvable_at)
         from read_json(${quoted(lines)}, format = 'newline_delimited', columns = ${COLUMNS}))
       to ${quoted(path)} (format parquet, compression zstd)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(lines, { force: true });
  }
}
