import type { Row, RowPage } from './row.ts';

/** More rows in one millisecond than this are skipped, which is reported. */
export const MAX_TIES = 50_000;

/**
 * A page that does not end between two rows of one millisecond: the next one begins at a time, so it could not know
 * which of them were read. `read` gives the first so many rows, ascending.
 */
export async function tieSafePage(
  limit: number,
  read: (rows: number) => Promise<readonly Row[]>,
  tooMany: (tsMs: number, rows: number) => void,
): Promise<RowPage> {
  for (let size = limit + 1; ; size = Math.min(size * 2, MAX_TIES + 1)) {
    const rows = await read(size);
    // A row without a time may be anywhere, so it is never where the next page begins.
    const last = rows.findLast(({ tsMs }) => !Number.isNaN(tsMs));
    if (rows.length < size || last === undefined) return { rows, nextStartMs: null };
    const complete = rows.filter(({ tsMs }) => tsMs < last.tsMs);
    if (complete.length > 0) return { rows: complete, nextStartMs: last.tsMs };
    if (size > MAX_TIES) {
      tooMany(last.tsMs, rows.length);
      return { rows, nextStartMs: last.tsMs + 1 };
    }
  }
}
