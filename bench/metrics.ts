/**
 * What metrics and rankings cost at scale: all pairs of 500 models over 10,000 rounds, a month of one-minute cycles
 * through snapshot and rank, and metrics recomputed in every cycle of two days of a small competition.
 *
 * `scripts/bench metrics [models] [rounds]`; the last line is JSON. Nothing here touches a server: these are the pure
 * functions that serve live, recompute and verify. Times are of one thread; on a busy machine the tenth percentile is
 * nearest to what an idle one would show.
 */
import { builtInMetrics, rankReact, rankStart, snapshotReact, snapshotStart } from '@crunch-node/domain';
import type { SnapshotTaken } from '@crunch-node/streams';
import { machine } from './support/machine.ts';
import { measurePairs } from './support/pairs.ts';
import { aggregation, cycleAt, roundsAt, rulesOf } from './support/scored-rounds.ts';
import { percentile, rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const MODELS = Number(process.argv[2] ?? 500);
const ROUNDS = Number(process.argv[3] ?? 10_000);
const MONTH_CYCLES = 30 * 24 * 60;
const DEFAULT_METRICS = ['ic', 'ic_sharpe', 'hit_rate', 'max_drawdown', 'model_correlation'];

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** Runs cycles through both stages; times in milliseconds a cycle, after the window has filled. */
function runStages(given: {
  models: number;
  scopes: number;
  metrics: readonly string[];
  every: number;
  fill: number;
  cycles: number;
  missing?: number;
}) {
  const [snapshot, rank] = [snapshotReact(rulesOf(given.metrics, given.every)), rankReact({ aggregation })];
  let [taken, ranked] = [snapshotStart, rankStart];
  const times = { snapshot: [] as number[], rank: [] as number[] };
  let memory = 0;
  for (let c = 1; c <= given.fill + given.cycles; c++) {
    const rounds = roundsAt(c, given);
    const from = performance.now();
    const reaction = snapshot(taken, cycleAt(c), rounds);
    const between = performance.now();
    const board = rank(ranked, cycleAt(c), reaction.events.filter(isSnapshot));
    const to = performance.now();
    [taken, ranked] = [reaction.state, board.state];
    if (c > given.fill) {
      times.snapshot.push(between - from);
      times.rank.push(to - between);
    }
    memory = Math.max(memory, process.memoryUsage().rss);
  }
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const of = (values: readonly number[]) => ({
    mean: rounded(total(values) / values.length),
    p10: rounded(percentile(values, 10)),
    p50: rounded(percentile(values, 50)),
    p99: rounded(percentile(values, 99)),
  });
  return {
    models: given.models,
    scopes: given.scopes,
    metrics: given.metrics.length,
    metrics_every: given.every,
    measured_cycles: given.cycles,
    window_rounds: Math.min(given.fill + given.cycles, 24 * 60),
    snapshot_ms_per_cycle: of(times.snapshot),
    rank_ms_per_cycle: of(times.rank),
    total_s: rounded((total(times.snapshot) + total(times.rank)) / 1000),
    snapshot_s: rounded(total(times.snapshot) / 1000),
    peak_rss_mb: megabytes(memory),
  };
}

const isSnapshot = (event: { readonly type: string }): event is SnapshotTaken => event.type === 'SnapshotTaken';

const pairs = [0, 0.01].map((missing) => measurePairs(MODELS, ROUNDS, missing));
for (const { missing_share, first_s, next_ms, pairs: count } of pairs) {
  process.stdout.write(
    `${count} pairs of ${ROUNDS} rounds, ${missing_share * 100} % missing: ${first_s} s from nothing, ${next_ms} ms a round later\n`,
  );
}

const demo = runStages({
  models: 8,
  scopes: 2,
  metrics: ['ic', 'hit_rate', 'mean_return', 'max_drawdown'],
  every: 1,
  fill: 0,
  cycles: 2_880,
});
const demoAll = runStages({
  models: 8,
  scopes: 2,
  metrics: [...builtInMetrics.keys()],
  every: 1,
  fill: 0,
  cycles: 2_880,
});
const month = runStages({ models: MODELS, scopes: 1, metrics: DEFAULT_METRICS, every: 10, fill: 1_440, cycles: 100 });
const monthWithGaps = runStages({
  models: MODELS,
  scopes: 1,
  metrics: DEFAULT_METRICS,
  every: 10,
  fill: 1_440,
  cycles: 20,
  missing: 0.01,
});
const extrapolated = [month, monthWithGaps].map((measured) => ({
  ...measured,
  month_minutes: rounded((measured.total_s / measured.measured_cycles) * (MONTH_CYCLES / 60), 1),
}));

const table = tableOf(['', 'metrics', 'every', 'snapshot ms/cycle', 'p10', 'rank ms/cycle', 'p10', 'in all']);
const row = (name: string, measured: typeof demo, all: string) =>
  table.push([
    name,
    measured.metrics,
    measured.metrics_every,
    measured.snapshot_ms_per_cycle.mean,
    measured.snapshot_ms_per_cycle.p10,
    measured.rank_ms_per_cycle.mean,
    measured.rank_ms_per_cycle.p10,
    all,
  ]);
row('8 models, 2 scopes, 2,880 cycles', demo, `${demo.total_s} s`);
row('the same, all metrics', demoAll, `${demoAll.total_s} s`);
row(`${MODELS} models, a day's window`, extrapolated[0]!, `a month: ${extrapolated[0]!.month_minutes} min`);
row('the same, 1 % missing', extrapolated[1]!, `a month: ${extrapolated[1]!.month_minutes} min`);
process.stdout.write(`${table.toString()}\n`);
process.stdout.write(
  `${JSON.stringify({
    bench: 'metrics',
    ...machine(),
    pairs,
    demo,
    demo_all_metrics: demoAll,
    month: extrapolated[0],
    month_with_gaps: extrapolated[1],
  })}\n`,
);
