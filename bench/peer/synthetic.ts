/** The numbers of the workloads, the same as in `reference/synthetic.py`. */
export const START = Date.UTC(2024, 0, 1);
const FIELDS = 9;

export const value = (i: number, j: number): number => (((i * 7919 + j * 104_729) % 2000) - 1000) / 1000;

export const close = (k: number): number => 50_000 + 500 * Math.sin(k / 17) + 100 * Math.sin(k / 3.1);

export function candle(k: number) {
  const [open, closed] = [close(k - 1), close(k)];
  return {
    open,
    high: Math.max(open, closed) + 5,
    low: Math.min(open, closed) - 5,
    close: closed,
    volume: 10 + (((k % 7) + 7) % 7),
  };
}

export const modelId = (i: number): string => `model-${String(i).padStart(4, '0')}`;

export const summary = (i: number, j: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: FIELDS }, (_, field) => [`metric_${field}`, value(i, j + field)]));
