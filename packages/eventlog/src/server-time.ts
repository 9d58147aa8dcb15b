/**
 * Unix microseconds of `2024-01-01T00:00:00.123456789Z`, as the server writes times, with any number of digits.
 * Anything below a microsecond is truncated.
 */
export function microsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return Date.parse(time.replace(/\.\d+/, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
