import { isNumericText } from './read-time.ts';

/**
 * The text of a row's id, the same for the same number from every reader: a column of doubles gives `1.0` or `1e+20`
 * for what is `1` or `100000000000000000000` elsewhere. What is no whole number stays as it is written.
 */
export function idText(written: string): string {
  const text = written.trim();
  if (!/[.e]/i.test(text) || !isNumericText(text)) return written;
  const digits = /^([+-]?\d+)\.0*$/.exec(text)?.[1];
  if (digits !== undefined) return digits;
  const number = Number(text);
  return Number.isInteger(number) ? String(BigInt(number)) : written;
}
