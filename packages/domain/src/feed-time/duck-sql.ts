import { epochUnits, PER_SECOND, TIME_RANGE, type TimeUnit } from './read-time.ts';

/** SQL of DuckDB equivalent to `readTime`, to filter and to sort by: the same times, in whole microseconds. */

const WHOLE = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'HUGEINT',
  'UHUGEINT',
]);
const STAMP = /^(TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ|TIMESTAMPTZ_NS|DATE)$/;
const ISO =
  '\\d{4}-\\d\\d-\\d\\d([Tt ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d([.,]\\d{1,9})?)?([Zz]|[+-]([01]\\d|2[0-3])(:?[0-5]\\d)?)?)?';
const NUMBER = '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?';

/** Whether DuckDB's type is one of points in time, which no unit changes. */
export const isStampType = (type: string): boolean => STAMP.test(type);

/**
 * Epoch microseconds (BIGINT) of a column, null where it holds no time of a feed. Null instead of SQL: nothing of that
 * type is a time. The session has to be in UTC.
 * @param column quoted
 * @param type as DuckDB names it
 */
export function microsSql(column: string, type: string, unit: TimeUnit = 'auto'): string | null {
  if (STAMP.test(type)) {
    const stamp = `try_cast(${column} as ${type.includes('TIME ZONE') || type.includes('TZ') ? 'timestamptz' : 'timestamp'})`;
    return ranged(`case when isfinite(${stamp}) then epoch_us(${stamp}) end`);
  }
  if (WHOLE.has(type)) return unit === 'iso' ? 'null::bigint' : wholeSql(`${column}::hugeint`, unit);
  if (type === 'DOUBLE' || type === 'FLOAT' || type.startsWith('DECIMAL')) {
    return unit === 'iso' ? 'null::bigint' : doubleSql(`${column}::double`, unit);
  }
  if (type !== 'VARCHAR' && !type.startsWith('ENUM')) return null;
  const text = `trim(${column}::varchar)`;
  const whole = wholeSql(`try_cast(${text} as hugeint)`, unit);
  const fraction = doubleSql(`try_cast(${text} as double)`, unit);
  const numbers = `when regexp_full_match(${text}, '\\d{1,30}') then ${whole} when regexp_full_match(${text}, '${NUMBER}') then ${fraction}`;
  if (unit === 'iso') return `case when regexp_full_match(${text}, '${ISO}') then ${textSql(text)} end`;
  if (unit !== 'auto') return `case ${numbers} end`;
  return `case ${numbers} when regexp_full_match(${text}, '${ISO}') then ${textSql(text)} end`;
}

/** DuckDB wants upper case, a point, and seconds before a zone. */
const textSql = (text: string): string => {
  const spaced = `replace(replace(upper(${text}), 'T', ' '), ',', '.')`;
  const whole = `regexp_replace(${spaced}, '( \\d\\d:\\d\\d)(Z|[+-].*)$', '\\1:00\\2')`;
  return ranged(`epoch_us(try_cast(${whole} as timestamptz))`);
};

const units = (unit: TimeUnit) => epochUnits.filter((one) => unit === 'auto' || unit === one);
const { firstSeconds, endSeconds } = TIME_RANGE;

const wholeSql = (value: string, unit: TimeUnit): string =>
  `case ${units(unit)
    .map((one) => {
      const [first, end] = [firstSeconds * PER_SECOND[one], endSeconds * PER_SECOND[one]];
      const per = PER_SECOND[one] <= 1e6 ? `* ${1e6 / PER_SECOND[one]}` : `// ${PER_SECOND[one] / 1e6}`;
      return `when ${value} >= ${first} and ${value} < ${end} then (${value} ${per})::bigint`;
    })
    .join(' ')} end`;

const doubleSql = (value: string, unit: TimeUnit): string =>
  ranged(
    `case ${units(unit)
      .map((one) => {
        const [first, end] = [firstSeconds * PER_SECOND[one], endSeconds * PER_SECOND[one]];
        const rounded = one === 's' || one === 'ns' ? 'round' : 'floor';
        const scaled = one === 'ns' ? `/ 1e3::double` : `* ${1e6 / PER_SECOND[one]}::double`;
        const micros = `${rounded}(${value} ${scaled})::bigint`;
        return `when ${value} >= ${first} and ${value} < ${end} then ${micros}`;
      })
      .join(' ')} end`,
  );

/** Outside the range of `readTime` there is nothing. */
const ranged = (micros: string): string =>
  `case when (${micros}) >= ${firstSeconds * 1e6} and (${micros}) < ${endSeconds * 1e6} then ${micros} end`;
