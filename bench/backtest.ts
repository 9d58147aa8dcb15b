/**
 * A backtest of the example models over days of synthetic minutes of two assets, and its report.
 * `scripts/bench backtest [days] [jobs]`: models in so many threads; 1: in this one
 */
import { cpus } from 'node:os';
import { askedModels, inProcess, recordsOf, reportOf, runBacktest, startThreads } from '@crunch-node/backtest';
import { exampleModels } from '@crunch-node/challenge';
import { defineCrunch, demoPack } from '@crunch-node/config';

const [days = '2', jobs = '1'] = process.argv.slice(2);
const config = defineCrunch({ ...demoPack, feed: { ...demoPack.feed, options: { days } } });

interface Spent {
  readonly wall_seconds: number;
  readonly cpu_seconds: number;
}

async function spent<T>(work: () => Promise<T>): Promise<readonly [T, Spent]> {
  const [begunMs, begun] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(begun);
  const wall_seconds = (performance.now() - begunMs) / 1_000;
  return [result, { wall_seconds: rounded(wall_seconds), cpu_seconds: rounded((user + system) / 1e6) }];
}

/** How fast this machine is at the moment: seconds of a loop of 1e8 additions, to compare runs by. */
function yardstick(): number {
  const begun = process.cpuUsage();
  let sum = 0;
  for (let i = 0; i < 1e8; i++) sum = (sum * 31 + i) | 0;
  const { user, system } = process.cpuUsage(begun);
  return sum === 0.5 ? 0 : rounded((user + system) / 1e6);
}

const rounded = (value: number): number => Number(value.toFixed(2));

const sourced = exampleModels.map((model) => ({
  ...model,
  source: { kind: 'example' as const, set: 'realtime', model_id: model.model_id },
}));
const threads = jobs === '1' ? [] : await startThreads(sourced, Number(jobs));
const models = jobs === '1' ? await inProcess(exampleModels) : await askedModels(config, [], threads);
const [run, ran] = await spent(async () =>
  runBacktest({ config, configHash: 'bench', models, records: recordsOf(config) }),
);
for (const { process: thread } of threads) await thread.close();
const [report, reported] = await spent(async () => reportOf(run, { config }));
for (const { rank, model_name, leaderboard } of report.models) {
  process.stdout.write(`${rank} ${model_name} ${leaderboard[config.aggregation.ranking_key]}\n`);
}
const { records, rounds } = report;
const result = {
  days: Number(days),
  models: report.models.length,
  jobs: Number(jobs),
  records,
  rounds,
  run: ran,
  report: reported,
};
process.stdout.write(`${JSON.stringify({ ...result, yardstick_cpu_seconds: yardstick(), cpus: cpus().length })}\n`);
