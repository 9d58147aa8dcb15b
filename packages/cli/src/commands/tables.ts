import { join } from 'node:path';
import { writeTable } from '@crunch-node/archive';
import { columnsOfDay, daysOf, flatTables, pagesOfDay } from '@crunch-node/projections';
import { withDeployment } from '../deployment.ts';
import { count, table } from '../show/text.ts';

export interface TablesOptions {
  readonly to: string;
  /** `2024-01-31` */
  readonly since?: string;
  readonly json?: boolean;
  readonly dataDir: string;
}

interface Written {
  readonly table: string;
  readonly days: number;
  readonly rows: number;
}

/** Writes flat tables for analysis, day by day: later scores change the file of an earlier day, so all are written. */
export const runArchiveTables = ({ to, since, json, dataDir }: TablesOptions) =>
  withDeployment(dataDir, async ({ screen, readModel }) => {
    const model = await readModel();
    const written: Written[] = [];
    for (const flat of flatTables) {
      const days = (await daysOf(model, flat)).filter((at) => since === undefined || at.slice(0, 10) >= since);
      let rows = 0;
      for (const at of days) {
        const columns = await columnsOfDay(model, flat, at);
        const file = join(to, flat.name, `${at.slice(0, 10)}.parquet`);
        rows += await writeTable(file, columns, pagesOfDay(model, flat, at, columns));
      }
      written.push({ table: flat.name, days: days.length, rows });
    }
    screen.result(
      json
        ? JSON.stringify({ folder: to, tables: written })
        : table(
            [{ title: 'table' }, { title: 'days', align: 'right' }, { title: 'rows', align: 'right' }],
            written.map(({ table: name, days, rows }) => [name, count(days), count(rows)]),
          ),
    );
  });
