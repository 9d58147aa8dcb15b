import { cellsOf, plainCells } from './cells.ts';
import type { Line } from './lines.ts';

export interface CsvRow {
  /** of the first of its lines */
  readonly line: number;
  readonly cells: readonly string[];
  /** exactly as in the file */
  readonly text: string;
  /** longer than any row */
  readonly isCut: boolean;
}

const SEPARATORS = [',', ';', '\t'] as const;
/** A cell with line ends goes over so many lines at most: a quote that is never closed takes no neighbours along. */
const MOST_LINES = 20;

/**
 * The rows of a text, empty ones left out. The first row with a separator decides which one it is. A quote that is never closed
 * makes its own line a bad one and no other: lines are put together only if that makes a row of as many cells as the
 * first one has.
 */
export async function* rowsOf(lines: AsyncIterable<Line>): AsyncGenerator<CsvRow> {
  const source = lines[Symbol.asyncIterator]();
  const waiting: Line[] = [];
  let separator: string | undefined;
  let width = 0;
  const next = async (): Promise<Line | undefined> => {
    const { done, value } = await source.next();
    return done ? undefined : value;
  };
  try {
    for (;;) {
      const line = waiting.shift() ?? (await next());
      if (line === undefined) return;
      if (line.text.trim() === '') continue;
      // A remark or a title above the rows has no part in how they are written.
      const isRow: boolean = separator !== undefined || isSeparated(line.text);
      if (!isRow) {
        separator = DIRECTIVE.exec(line.text)?.[1];
        yield { line: line.number, cells: [line.text], text: line.text, isCut: line.isCut };
        continue;
      }
      separator ??= separatorOf(line.text);
      let text = line.text;
      let cells = cellsOf(text, separator);
      let used = 0;
      while (cells === 'open' && used < MOST_LINES && !line.isCut) {
        const more = waiting[used] ?? (await next());
        if (more === undefined) break;
        if (used === waiting.length) waiting.push(more);
        used++;
        text += `\n${more.text}`;
        cells = cellsOf(text, separator);
      }
      const isWhole = typeof cells !== 'string' && (used === 0 || cells.length === width);
      if (isWhole) waiting.splice(0, used);
      const found = isWhole ? (cells as readonly string[]) : plainCells(line.text, separator);
      if (width === 0) width = found.length;
      if (found.every((cell) => cell.trim() === '')) continue;
      yield { line: line.number, cells: found, text: isWhole ? text : line.text, isCut: line.isCut };
    }
  } finally {
    await source.return?.(undefined);
  }
}

/** What a spreadsheet writes above its rows. */
const DIRECTIVE = /^sep=([,;\t])$/i;

const isSeparated = (text: string): boolean =>
  !/^\s*#/.test(text) && !DIRECTIVE.test(text) && SEPARATORS.some((separator) => text.includes(separator));

const separatorOf = (text: string): string => {
  const count = (separator: string): number => text.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
};
