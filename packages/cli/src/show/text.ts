import Table from 'cli-table3';
import { bold } from './colour.ts';
import { printable } from './printable.ts';

/** Lines between columns would be read as data; space alone keeps them apart. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** A text, or one that is shown in a colour. */
export type Cell = string | { readonly text: string; paint(text: string): string };

export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const drawn = new Table({
    head: columns.map(({ title }) => bold(title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: PLAIN,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  drawn.push(...rows.map((row) => row.map(drawnCell)));
  return drawn
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}

const drawnCell = (cell: Cell): string =>
  typeof cell === 'string' ? printable(cell) : cell.paint(printable(cell.text));

/** Six decimals, so that equal runs are seen to be equal; a dash where there is no number. */
export const decimal = (value: unknown): string =>
  typeof value === 'number' && Number.isFinite(value) ? value.toFixed(6) : '–';

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

export const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

/** `2024-01-31T12:00:00.000000Z` → `2024-01-31 12:00` */
export const minute = (instant: string): string => instant.slice(0, 16).replace('T', ' ');

export const shortHash = (hash: string): string => hash.slice(0, 12);
