import type { CsvRow } from '../../csv/rows.ts';
import { bareLayout, type CsvLayout, headerLayout, isHeader, isWholeHeader } from './csv-layout.ts';
import { NoReplayData } from './find-files.ts';

/** The header, or the first row of data, is among so many rows: remarks, titles and a torn row may be above it. */
export const BEGINNING_ROWS = 10;

export interface Begun {
  readonly layout: CsvLayout;
  /** the row is the header; otherwise it is data */
  readonly isHeader: boolean;
  /** what was above it */
  readonly others: readonly CsvRow[];
}

/** The layout a header gives, or what is wrong with it. */
export function headerOf(file: string, kind: string, cells: readonly string[]): CsvLayout | NoReplayData {
  try {
    return headerLayout(file, kind, cells);
  } catch (error) {
    if (error instanceof NoReplayData) return error;
    throw error;
  }
}

/** Finds the layout of a file in its first rows. */
export class CsvBeginning {
  readonly #file: string;
  readonly #kind: string;
  readonly #grows: boolean;
  readonly #others: CsvRow[] = [];
  /** of the first row, or of the first header, which is more precise */
  #fault: NoReplayData | undefined;
  #hasHeader = false;

  /** @param grows rows that decide the layout may still come */
  constructor(file: string, kind: string, grows: boolean) {
    this.#file = file;
    this.#kind = kind;
    this.#grows = grows;
  }

  /** Null: not yet. @throws {NoReplayData} when the first rows are over */
  take(row: CsvRow): Begun | null {
    const { cells } = row;
    const header = headerOf(this.#file, this.#kind, cells);
    if (!(header instanceof NoReplayData)) return { layout: header, isHeader: true, others: this.#others };
    // Columns below names that are not ours are not to be guessed.
    const bare = this.#hasHeader || isHeader(cells) ? null : bareLayout(this.#file, this.#kind, cells);
    if (bare !== null) return { layout: bare, isHeader: false, others: this.#others };
    if (this.#fault === undefined || (isWholeHeader(cells) && !this.#hasHeader)) this.#fault = header;
    this.#hasHeader ||= isWholeHeader(cells);
    this.#others.push(row);
    if (this.#others.length >= BEGINNING_ROWS) throw this.#fault;
    return null;
  }

  /** The rows there were, of which none was header or data. @throws {NoReplayData} when no other can follow */
  end(): readonly CsvRow[] {
    if (this.#fault !== undefined && (this.#hasHeader || !this.#grows)) throw this.#fault;
    return this.#others;
  }
}
