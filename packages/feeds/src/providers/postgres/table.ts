import { type EpochUnit, epochUnits, TIME_RANGE } from '@crunch-node/domain';
import type { Pool } from 'pg';
import { FeedUnusable, type TimeUnit } from '../../rows/index.ts';
import { asking } from './connect.ts';
import { quoted, type TableSettings } from './settings.ts';

/** How a page of a table is read. `$1` start and `$2` end (ms), `$3` rows, `$4` the subject where there is a column. */
export interface PageTable {
  /** for people */
  readonly name: string;
  /** names of the values, in the order of the columns behind `ts_ms` and `row_id` */
  readonly names: readonly string[];
  /** the id is a number, which has several spellings */
  readonly hasNumericId: boolean;
  /** @param units of the times that are there; none for a column of a time type */
  page(units: readonly EpochUnit[]): string;
  /**
   * Of a column of numbers, one time in each unit (`s`, `ms`, `us`, `ns`) and one in none (`stray`), as text or null;
   * `$1` is the subject where there is a column. Null: the column is of a time type.
   */
  readonly samples: string | null;
}

/** @throws {FeedUnusable} naming what the table lacks */
export async function pageTable(pool: Pool, settings: TableSettings): Promise<PageTable> {
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
  const column = quoted(timeColumn);
  const time = timeSql(column, types.get(timeColumn)!, settings.timeUnit);
  const tie = idColumn === null ? '' : `, ${quoted(idColumn)}`;
  const cells = [
    `${idColumn === null ? 'null' : `${quoted(idColumn)}`}::text as row_id`,
    ...[...values.values()].map(quoted),
  ];
  const isSubject = (place: number): string =>
    subjectColumn === null ? '' : `and ${quoted(subjectColumn)}::text = $${place}`;
  const page = (units: readonly EpochUnit[]): string => `
    select (${time.millis(units)})::text as ts_ms, ${cells.join(', ')} from ${name}
    where (${time.between(units, '$1::bigint', '($2::bigint + 1)')}) ${isSubject(4)}
    order by ${units.length > 1 ? time.millis(units) : column}${tie} limit $3::int`;
  const sample = (condition: string): string =>
    `(select ${column}::text from ${name} where (${condition}) ${isSubject(1)} limit 1)`;
  const samples = time.isNumber
    ? `select ${epochUnits.map((unit) => `${sample(inUnit(column, unit))} as ${unit}`).join(', ')}, ${sample(inNone(column))} as stray`
    : null;
  const idType = idColumn === null ? '' : types.get(idColumn)!;
  const hasNumericId = /^(numeric|double precision|real)$/.test(idType);
  return { name, names: [...values.keys()], hasNumericId, page, samples };
}

interface TimeSql {
  readonly isNumber: boolean;
  /** epoch milliseconds of the column */
  millis(units: readonly EpochUnit[]): string;
  /** a condition on the bare column, so that indexes serve; from and before are milliseconds in SQL */
  between(units: readonly EpochUnit[], from: string, before: string): string;
}

/** @throws {FeedUnusable} for a column no time can be read from */
function timeSql(column: string, type: string, unit: TimeUnit): TimeSql {
  const stamp = (bound: (ms: string) => string): TimeSql => ({
    isNumber: false,
    millis: () => `floor(extract(epoch from ${column}) * 1000)`,
    between: (_, from, before) => `${column} >= ${bound(from)} and ${column} < ${bound(before)}`,
  });
  const utc = (ms: string): string => `to_timestamp(${ms} / 1000.0)`;
  switch (type) {
    case 'timestamp with time zone':
      return stamp(utc);
    case 'timestamp without time zone':
    case 'date':
      return stamp((ms) => `(${utc(ms)} at time zone 'UTC')`);
    case 'bigint':
    case 'integer':
    case 'numeric':
    case 'double precision':
      if (unit === 'iso')
        throw new FeedUnusable(`time_unit: expected auto, s, ms, us or ns for ${column} (${type}), not iso`);
      return numberSql(column);
    default:
      throw new FeedUnusable(`time_column: expected a column of a time or number type, ${column} is ${type}`);
  }
}

const numberSql = (column: string): TimeSql => {
  const millis = (unit: EpochUnit): string => `floor(${column}::numeric / ${PER_MILLI[unit]})`;
  return {
    isNumber: true,
    millis: ([first = 's', ...rest]) =>
      rest.length === 0
        ? millis(first)
        : `case ${[first, ...rest].map((unit) => `when ${inUnit(column, unit)} then ${millis(unit)}`).join(' ')} end`,
    between: (units, from, before) =>
      units
        .map((unit) => {
          const bound = (ms: string): string => `(${ms} * ${PER_MILLI[unit]})`;
          return `(${column} >= ${bound(from)} and ${column} < ${bound(before)})`;
        })
        .join(' or ') || 'false',
  };
};

const PER_MILLI: Readonly<Record<EpochUnit, string>> = { s: '0.001', ms: '1', us: '1000', ns: '1000000' };

/** First and behind the last, as numbers Postgres still takes for a bigint. */
const boundsOf = (unit: EpochUnit): readonly [string, string] => {
  const zeros = { s: '', ms: '000', us: '000000', ns: '000000000' }[unit];
  const end = unit === 'ns' ? '9223372036854775807' : `${TIME_RANGE.endSeconds}${zeros}`;
  return [`${TIME_RANGE.firstSeconds}${zeros}`, end];
};

const inUnit = (column: string, unit: EpochUnit): string => {
  const [first, end] = boundsOf(unit);
  return `${column} >= ${first} and ${column} < ${end}`;
};

/** Before, between and behind what units cover, and no number at all. */
const inNone = (column: string): string => {
  const gaps = epochUnits.map((unit, i) => {
    const behind = i === 0 ? null : boundsOf(epochUnits[i - 1]!)[1];
    return `${behind === null ? '' : `${column} >= ${behind} and `}${column} < ${boundsOf(unit)[0]}`;
  });
  return [...gaps, `${column} >= ${boundsOf('ns')[1]}`, `${column} is null`].map((one) => `(${one})`).join(' or ');
};
