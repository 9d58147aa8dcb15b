import type { Row, RowPage } from './row.ts';

/** More rows in one millisecond than this are passed over, and said so. */
export const MAX_TIES = 50_000;

/**
 * A page that does not end between two rows of one millisecond: the next one begins at a time, and could not tell
 * which of them it has seen. `read` gives the first so many rows, ascending.
 */
export async function tieSafePage(
  limit: number,
  read: (rows: number) => Promise<readonly Row[]>,
  tooMany: (tsMs: number, rows: number) => void,
): Promise<RowPage> {
  for (let size = limit + 1; ; size = Math.min(size * 2, MAX_TIES + 1)) {
    const rows = await read(size);
    // A row without a time stands anywhere, and is never where a page goes on.
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
