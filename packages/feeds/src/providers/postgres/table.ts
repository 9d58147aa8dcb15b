import type { Pool } from 'pg';
import { FeedUnusable, type TimeUnit } from '../../rows/index.ts';
import { asking } from './connect.ts';
import { quoted, type TableSettings } from './settings.ts';

/** The statement that reads a page: `$1` start and `$2` end (ms), `$3` rows, `$4` the subject where there is a column. */
export interface PageStatement {
  readonly sql: string;
  /** names of the values, in the order of the columns behind `ts_ms` and `row_id` */
  readonly names: readonly string[];
}

/** @throws {FeedUnusable} naming what the table lacks */
export async function pageStatement(pool: Pool, settings: TableSettings): Promise<PageStatement> {
  const { schema, table, subjectColumn, timeColumn, idColumn, valueColumns } = settings;
  const name = schema === null ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
  const { rows } = await asking(pool, settings, (client) =>
    client.query<{ column: string; type: string }>(
      `select attname as column, format_type(atttypid, null) as type from pg_attribute
       where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum`,
      [name],
    ),
  );
  if (rows.length === 0) throw new FeedUnusable(`expected a table or view ${name}, found none that this user may see`);
  const types = new Map(rows.map(({ column, type }) => [column, type]));
  const meant = [subjectColumn, timeColumn, idColumn].filter((column) => column !== null);
  const values =
    valueColumns ?? new Map([...types.keys()].filter((column) => !meant.includes(column)).map((one) => [one, one]));
  const missing = [...meant, ...values.values()].filter((column) => !types.has(column));
  if (missing.length > 0) {
    throw new FeedUnusable(
      `${name}: expected the columns ${missing.join(', ')}, found ${[...types.keys()].join(', ')}`,
    );
  }
  const time = timeSql(quoted(timeColumn), types.get(timeColumn)!, settings.timeUnit);
  const tie = idColumn === null ? '' : `, ${quoted(idColumn)}`;
  const columns = [
    `(${time.millis})::text as ts_ms`,
    `${idColumn === null ? 'null' : `${quoted(idColumn)}`}::text as row_id`,
    ...[...values.values()].map(quoted),
  ];
  const sql = `select ${columns.join(', ')} from ${name}
    where ${quoted(timeColumn)} >= ${time.bound('$1::bigint')} and ${quoted(timeColumn)} < ${time.bound('($2::bigint + 1)')}
    ${subjectColumn === null ? '' : `and ${quoted(subjectColumn)}::text = $4`}
    order by ${quoted(timeColumn)}${tie} limit $3::int`;
  return { sql, names: [...values.keys()] };
}

const PER_MILLI: Readonly<Record<Exclude<TimeUnit, 'iso'>, string>> = {
  s: '0.001',
  ms: '1',
  us: '1000',
  ns: '1000000',
};

/** The column as epoch milliseconds, and milliseconds as a value to compare the bare column with, so indexes serve. */
function timeSql(column: string, type: string, unit: TimeUnit) {
  const utc = (ms: string): string => `to_timestamp(${ms} / 1000.0)`;
  switch (type) {
    case 'timestamp with time zone':
      return { millis: `floor(extract(epoch from ${column}) * 1000)`, bound: utc };
    case 'timestamp without time zone':
    case 'date':
      return {
        millis: `floor(extract(epoch from ${column}) * 1000)`,
        bound: (ms: string) => `(${utc(ms)} at time zone 'UTC')`,
      };
    case 'bigint':
    case 'integer':
    case 'numeric':
    case 'double precision': {
      if (unit === 'iso')
        throw new FeedUnusable(`time_unit: expected s, ms, us or ns for ${column} (${type}), not iso`);
      const factor = PER_MILLI[unit];
      return { millis: `floor(${column}::numeric / ${factor})`, bound: (ms: string) => `(${ms} * ${factor})` };
    }
    default:
      throw new FeedUnusable(`time_column: expected a column of a time or number type, ${column} is ${type}`);
  }
}
