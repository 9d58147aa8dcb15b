import type { FeedKey } from '@crunch-node/streams';
import type { ProviderClock } from '../../clock.ts';
import { NotJson } from '../../json/index.ts';
import type { FeedReports } from '../../provider.ts';
import { type ReadPage, type Row, Times, valueAt } from '../../rows/index.ts';
import { plainText } from '../../shown.ts';
import { asker, NO_BODY } from './ask.ts';
import { rowFrom, rowsIn, subjectIn } from './rows-of.ts';
import type { RestSettings } from './settings.ts';
import { filled, timesOf } from './template.ts';

/** At most so many cursors are followed, since a service may send us in circles. */
const MAX_CURSORS = 1_000;

/** Reads pages of a subject's rows from a web service. */
export function restReader(settings: RestSettings, clock: ProviderClock, reports: FeedReports) {
  const { fields, pageBy, limit, cursor: cursorPath } = settings;
  const times = new Times(fields.timeUnit, reports);
  const service = asker(settings.headers, settings.timeoutMs, clock, reports);

  /** A row that cannot be read may belong to any subject. */
  const isOf = (row: unknown, subject: string): boolean =>
    row instanceof NotJson || [null, subject].includes(subjectIn(row, fields));

  return ({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): ReadPage =>
    async (subject, { startMs, endMs, limit: wanted }, signal) => {
      const key = { source: settings.source, subject, kind, granularity };
      const what = `GET ${settings.url} for ${subject}`;
      const asked = Math.min(limit, wanted);

      async function ask(cursor: string) {
        const values = {
          subject,
          subject_lower: subject.toLowerCase(),
          granularity,
          kind,
          cursor,
          limit: String(asked),
        };
        const places = { ...values, ...timesOf(startMs, endMs), api_key: settings.apiKey };
        const body = await service.json(filled(settings.url, places, encodeURIComponent), what, signal);
        if (body === NO_BODY) return { found: [], next: null };
        const found = rowsIn(body, fields);
        if (found === null) throw new TypeError(`${what}: expected rows at ${fields.rows.join('.') || 'the top'}`);
        const next = cursorPath === null ? undefined : valueAt(body, cursorPath);
        return { found, next: next === undefined || next === null || next === '' ? null : plainText(next) };
      }

      const rows: unknown[] = [];
      let count = 0;
      let next: string | null = '';
      for (let requests = 0; next !== null && requests < MAX_CURSORS; requests++) {
        const answer: Awaited<ReturnType<typeof ask>> = await ask(next);
        count = answer.found.length;
        for (const row of answer.found) if (isOf(row, subject)) rows.push(row);
        next = answer.next === next ? null : answer.next;
      }
      const all = rows.map((row) => rowFrom(key, row, fields, times, reports)).sort(byTime);
      const inRange = all.filter(({ tsMs }) => !(tsMs < startMs || tsMs > endMs));
      return { rows: inRange, nextStartMs: pageBy === 'time' && count >= asked ? nextStart(all, startMs) : null };
    };

  /** After a full page: its last millisecond again, which may be incomplete, unless the page holds nothing else. */
  function nextStart(rows: readonly Row[], startMs: number): number | null {
    const times = rows.map(({ tsMs }) => tsMs).filter((tsMs) => Number.isFinite(tsMs));
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined || last < startMs) return null;
    if (fields.id === null) return last + 1;
    if (last > first) return last;
    reports.notice('a full page is of one millisecond; what else is in it is passed over: set a higher limit', {
      ts_event: last,
      rows: times.length,
    });
    return last + 1;
  }
}

/** Rows without a time last: they are rejected in any position. */
const byTime = (a: Row, b: Row): number => (Number.isNaN(a.tsMs) ? 1 : Number.isNaN(b.tsMs) ? -1 : a.tsMs - b.tsMs);
