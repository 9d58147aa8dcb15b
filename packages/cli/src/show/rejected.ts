import { printable } from './printable.ts';
import { count } from './text.ts';

/** Rows of a feed that were no records: how many, why, and the first few. Nothing when there were none. */
export function rejectedText(rejected: unknown): readonly string[] {
  const { rows, reasons, first } = (rejected ?? {}) as {
    readonly rows?: number;
    readonly reasons?: Readonly<Record<string, number>>;
    readonly first?: readonly string[];
  };
  if (typeof rows !== 'number' || rows === 0) return [];
  const why = Object.entries(reasons ?? {}).map(([reason, n]) => `${printable(reason)} ${count(n)}`);
  const lines = (first ?? []).map((line) => `    ${printable(line)}`);
  return [
    `  ${count(rows)} ${rows === 1 ? 'row' : 'rows'} of the feed rejected: ${why.join(', ')}\n${lines.join('\n')}`,
  ];
}
