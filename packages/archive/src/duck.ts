import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export interface DuckLimits {
  /** also the number of concurrent queries */
  readonly threads: number;
  readonly memoryMb: number;
}

/** A private DuckDB: bounded, offline, without access to files outside its folders. */
export interface Duck {
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * Loading DuckDB takes a tenth of a second and 60 MB, so it is loaded with the first connection.
 * @param folder files are read from it and written to it, and to no other but `scratch`
 * @param scratch for data that exceeds its memory
 */
export function openDuck(folder: string, { threads, memoryMb }: DuckLimits, scratch = `${folder}/.spill`): Duck {
  let opened: Promise<DuckDBInstance> | undefined;
  async function open(): Promise<DuckDBInstance> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryMb}MB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      await connection.run(`set global timezone = 'UTC'`);
      await connection.run(`set global temp_directory = ${sqlText(scratch)}`);
      await connection.run(`set global max_temp_directory_size = '4GB'`);
      await connection.run(`set global allowed_directories = [${sqlText(folder)}, ${sqlText(scratch)}]`);
      await connection.run('set global enable_external_access = false');
      await connection.run('set global lock_configuration = true');
    } finally {
      connection.closeSync();
    }
    return instance;
  }
  return {
    async connect() {
      opened ??= open();
      opened.catch(() => {
        opened = undefined;
      });
      return (await opened).connect();
    },
    close() {
      opened?.then((instance) => instance.closeSync()).catch(() => undefined);
      opened = undefined;
    },
  };
}

export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
