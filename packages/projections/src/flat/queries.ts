import { addSeconds, type Instant, type JsonObject } from '@crunch-node/streams';
import { sql } from 'kysely';
import type { ReadModel } from '../read-model/open.ts';
import type { FlatColumn, FlatTable } from './tables.ts';

/** Rows that are in memory at a time. */
const PAGE = 10_000;

/** Beginnings of the days (UTC) from the first row of a table to its last. */
export async function daysOf({ db, schema }: ReadModel, table: FlatTable): Promise<Instant[]> {
  const at = sql.raw(table.time);
  const { rows } = await sql<{ first: Instant | null; last: Instant | null }>`
    select min(${at}) as first, max(${at}) as last from ${table.from(schema)}`.execute(db);
  const { first, last } = rows[0] ?? {};
  const days: Instant[] = [];
  if (!first || !last) return days;
  for (let day = beginOf(first); day <= last; day = addSeconds(day, 86_400)) days.push(day);
  return days;
}

const beginOf = (instant: Instant): Instant => `${instant.slice(0, 10)}T00:00:00.000000Z`;

/** Columns of a day's file: the fixed ones, then one for each number there is, in order of their names. */
export async function columnsOfDay({ db, schema }: ReadModel, table: FlatTable, day: Instant): Promise<FlatColumn[]> {
  const { expression, prefix } = table.numbers;
  const { rows } = await sql<{ name: string }>`
    select distinct field.key collate "C" as name from ${table.from(schema)}
    cross join lateral json_each(case when json_typeof(${sql.raw(expression)}) = 'object'
      then ${sql.raw(expression)} else '{}' end) as field
    where ${within(table, day)} and json_typeof(field.value) = 'number' order by 1`.execute(db);
  const fixed = table.columns.map(({ name, type }) => ({ name, type }));
  return [...fixed, ...rows.map(({ name }) => ({ name: `${prefix}${name}`, type: 'double' as const }))];
}

/** The rows of a day in order of time and key, a page at a time; values in the order of the columns. */
export async function* pagesOfDay(
  { db, schema }: ReadModel,
  table: FlatTable,
  day: Instant,
  columns: readonly FlatColumn[],
): AsyncGenerator<readonly (readonly unknown[])[]> {
  const order = sql.join([table.time, ...table.key].map((name) => sql.raw(name)));
  const fixed = table.columns.map(({ name, expression }) => sql`${sql.raw(expression)} as ${sql.id(name)}`);
  const places = [table.time, ...table.key].map((name, i) => sql`${sql.raw(name)} as ${sql.id(`place_${i}`)}`);
  const { prefix, expression } = table.numbers;
  const numbered = columns.slice(table.columns.length).map(({ name }) => name.slice(prefix.length));
  let after: readonly unknown[] | null = null;
  for (;;) {
    const further: ReturnType<typeof sql> =
      after === null ? sql`` : sql`and (${order}) > (${after[0]}::timestamptz, ${after[1]}, ${after[2]})`;
    const { rows } = await sql<Record<string, unknown> & { numbers: JsonObject | null }>`
      select ${sql.join([...fixed, ...places])}, ${sql.raw(expression)} as numbers from ${table.from(schema)}
      where ${within(table, day)} ${further} order by ${order} limit ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => [
      ...table.columns.map(({ name }) => row[name] ?? null),
      ...numbered.map((name) => numberIn(row.numbers, name)),
    ]);
    if (rows.length < PAGE) return;
    after = [last.place_0, last.place_1, last.place_2];
  }
}

function numberIn(numbers: JsonObject | null, name: string): number | null {
  const value = numbers !== null && Object.hasOwn(numbers, name) ? numbers[name] : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

const within = ({ time }: FlatTable, day: Instant) =>
  sql<boolean>`${sql.raw(time)} >= ${day}::timestamptz and ${sql.raw(time)} < ${addSeconds(day, 86_400)}::timestamptz`;
