/** All pairs of many models over many rounds: from nothing, and again a round later with the orders found before. */
import { meanCorrelations, ranked } from '@crunch-node/domain';
import { dice } from './scored-rounds.ts';
import { rounded } from './statistics.ts';

export function measurePairs(models: number, rounds: number, missing: number) {
  const roll = dice(42);
  const all = Array.from({ length: models }, () =>
    Float64Array.from({ length: rounds + 1 }, () => (roll() < missing ? Number.NaN : roll() - 0.5)),
  );
  const before = process.memoryUsage();
  let peak = 0;
  const measured = <T>(work: () => T): { ms: number; result: T } => {
    const from = performance.now();
    const result = work();
    const ms = performance.now() - from;
    const { rss } = process.memoryUsage();
    peak = Math.max(peak, rss);
    return { ms, result };
  };
  const sorting = measured(() => all.map((series) => ranked(series.subarray(0, rounds))));
  const first = measured(() => meanCorrelations(sorting.result));
  const moving = measured(() =>
    all.map((series, i) => ranked(series.subarray(1), { order: sorting.result[i]!.order, length: rounds, shift: 1 })),
  );
  const next = measured(() => meanCorrelations(moving.result));
  return {
    models,
    rounds,
    pairs: (models * (models - 1)) / 2,
    missing_share: missing,
    first_s: rounded((sorting.ms + first.ms) / 1000),
    sorting_ms: rounded(sorting.ms),
    correlating_ms: rounded(first.ms),
    next_ms: rounded(moving.ms + next.ms),
    series_mb: rounded((models * rounds * 8) / 2 ** 20),
    above_series_mb: rounded((peak - before.rss) / 2 ** 20),
    peak_rss_mb: rounded(peak / 2 ** 20),
  };
}
