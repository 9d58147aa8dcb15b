import { type ArchiveGap, type FeedKey, type Instant, instantOfMillis } from '@crunch-node/streams';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Duck } from '../duck.ts';
import { type DayFile, dayFilesOf, type TimeRange } from './day-files.ts';
import { DAY_MS, startOfDay } from './places.ts';
import { rowsOfFile } from './read-sql.ts';

export interface GapReport {
  /** the examined range, both ends inclusive; null when there are no files and no range */
  readonly start: Instant | null;
  readonly end: Instant | null;
  /** interval between records of a feed with a grid */
  readonly step_seconds: number | null;
  readonly present: number;
  /** null without a grid */
  readonly missing: number | null;
  readonly gap_count: number;
  /** the first gaps, oldest first */
  readonly gaps: readonly ArchiveGap[];
  /** unreadable files; their records count as missing */
  readonly unreadable: readonly string[];
}

export interface GapQuestion extends TimeRange {
  readonly feed: FeedKey;
  /** null for feeds without a grid: only whole days can be missing then */
  readonly stepSeconds: number | null;
  /** maximum length of the list of gaps */
  readonly most: number;
}

interface Facts {
  readonly relation: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The records of a feed missing from the archive, from its first record to its last or in the given range. */
export async function findGaps(duck: Duck, root: string, question: GapQuestion): Promise<GapReport> {
  const { feed, stepSeconds, most } = question;
  const files = await dayFilesOf(root, feed, question);
  const stepMs = stepSeconds === null ? DAY_MS : stepSeconds * 1000;
  const gaps: ArchiveGap[] = [];
  const unreadable: string[] = [];
  let [present, missing, gapCount] = [0, 0, 0];
  let startMs = question.startMs ?? null;
  let nextMs = startMs === null ? null : Math.ceil(startMs / stepMs) * stepMs;
  let lastMs: number | null = null;

  function lacks(fromMs: number, toMs: number): void {
    const count = (toMs - fromMs) / stepMs + 1;
    missing += count;
    gapCount++;
    const isGrid = stepSeconds !== null;
    const end = instantOfMillis(isGrid ? toMs : toMs + DAY_MS - 1);
    if (gaps.length < most) gaps.push({ start: instantOfMillis(fromMs), end, missing: isGrid ? count : null });
  }

  const connection = await duck.connect();
  try {
    for (const file of files) {
      const facts = await factsOf(connection, file, question);
      if (facts === null) unreadable.push(file.name);
      if (facts === null || facts.count === 0) continue;
      present += facts.count;
      startMs ??= facts.firstMs;
      lastMs = facts.lastMs;
      const first = stepSeconds === null ? startOfDay(facts.firstMs) : facts.firstMs;
      const last = stepSeconds === null ? first : facts.lastMs;
      if (nextMs !== null && first > nextMs) lacks(nextMs, Math.floor((first - 1) / stepMs) * stepMs);
      if (stepSeconds !== null && facts.count < (last - first) / stepMs + 1) {
        for await (const [fromMs, toMs] of holesOf(connection, facts.relation, question, stepMs)) lacks(fromMs, toMs);
      }
      nextMs = Math.floor(last / stepMs) * stepMs + stepMs;
    }
  } finally {
    connection.closeSync();
  }
  const endMs = question.endMs ?? lastMs;
  if (nextMs !== null && endMs !== null && nextMs <= endMs) lacks(nextMs, Math.floor(endMs / stepMs) * stepMs);
  return {
    start: startMs === null ? null : instantOfMillis(startMs),
    end: endMs === null ? null : instantOfMillis(endMs),
    step_seconds: stepSeconds,
    present,
    missing: stepSeconds === null ? null : missing,
    gap_count: gapCount,
    gaps,
    unreadable,
  };
}

const inRange = ({ startMs, endMs }: TimeRange): string =>
  [
    startMs === undefined ? [] : [`epoch_ms(ts_event) >= ${Math.ceil(startMs)}`],
    endMs === undefined ? [] : [`epoch_ms(ts_event) <= ${Math.floor(endMs)}`],
    ['ts_event is not null'],
  ]
    .flat()
    .join(' and ');

/** Null when the file is unreadable, or none of its rows has a time. */
async function factsOf(connection: DuckDBConnection, file: DayFile, range: TimeRange): Promise<Facts | null> {
  try {
    const relation = await rowsOfFile(connection, file.path);
    const reader = await connection.runAndReadAll(
      `select count(distinct ts_event) filter (where ${inRange(range)}),
         epoch_ms(min(ts_event) filter (where ${inRange(range)})),
         epoch_ms(max(ts_event) filter (where ${inRange(range)})), count(*), count(ts_event)
       from ${relation}`,
    );
    const [count, first, last, rows, withTime] = reader.getRows()[0] ?? [];
    if (Number(rows) > 0 && Number(withTime) === 0) return null;
    return { relation, count: Number(count), firstMs: Number(first), lastMs: Number(last) };
  } catch {
    return null;
  }
}

/** First and last missing time of each gap within a day. */
async function* holesOf(connection: DuckDBConnection, relation: string, range: TimeRange, stepMs: number) {
  const result = await connection.stream(
    `select before_ms + ${stepMs}, here_ms - ${stepMs} from (
       select epoch_ms(ts_event) as here_ms, lag(epoch_ms(ts_event)) over (order by ts_event) as before_ms
       from ${relation} where ${inRange(range)}
     ) where here_ms - before_ms > ${stepMs} order by here_ms`,
  );
  for await (const rows of result.yieldRows()) {
    for (const [first, last] of rows) yield [Number(first), Number(last)] as const;
  }
}
