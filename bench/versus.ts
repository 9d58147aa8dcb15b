/**
 * The working tree against an older commit, in turns: `scripts/bench versus <commit> history [days] [rounds]`; the last
 * line is JSON. The commit is checked out and installed in `.cache/builds`. Ratios are of medians: how many times
 * less the working tree takes.
 */
import { buildHere, buildOf } from './support/build-of.ts';
import { machine } from './support/machine.ts';
import { percentile, rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';
import { history, type Measured } from './versus/history.ts';

const [commit, bench, days = '0.2', rounds = '2', ...args] = process.argv.slice(2);
if (commit === undefined || bench !== 'history') {
  throw new Error(
    `expected versus <commit> history [days] [rounds], received ${process.argv.slice(2).join(' ') || 'none'}`,
  );
}

const builds = [buildOf(commit), buildHere()];
const results = builds.map((): Measured[] => []);
for (let round = 0; round < Number(rounds); round++) {
  for (const [i, build] of builds.entries()) {
    const measured = await history(build, Number(days), args);
    results[i]!.push(measured);
    const { wall, peakRss, digest } = measured;
    process.stderr.write(
      `${build.name}: ${rounded(wall)} s, ${rounded(total(measured))} s of CPU, ${peakRss} MB, ${digest}\n`,
    );
  }
}

const table = tableOf([
  'build',
  'wall s',
  'CPU s',
  'engine',
  'models',
  'nats-server',
  'postgres',
  'peak RSS MB',
  'log MB',
  'tables MB',
]);
const rows = builds.map(({ name }, i) => {
  const median = (of: (measured: Measured) => number): number => rounded(percentile(results[i]!.map(of), 50));
  return {
    name,
    wall_s: median(({ wall }) => wall),
    cpu_s: median(total),
    engine_cpu_s: median(({ cpu }) => cpu.engine),
    models_cpu_s: median(({ cpu }) => cpu.models),
    nats_cpu_s: median(({ cpu }) => cpu['nats-server']),
    postgres_cpu_s: median(({ cpu }) => cpu.postgres),
    peak_rss_mb: median(({ peakRss }) => peakRss),
    log_mb: median(({ disk }) => disk.log),
    tables_mb: median(({ disk }) => disk.tables),
  };
});
for (const row of rows) table.push(Object.values(row).map(String));
console.log(table.toString());
const [before, here] = rows;
const ratio = { wall: rounded(before!.wall_s / here!.wall_s), cpu: rounded(before!.cpu_s / here!.cpu_s) };
console.log(`wall ${ratio.wall}x, CPU ${ratio.cpu}x`);
console.log(JSON.stringify({ bench: 'versus', of: bench, days: Number(days), ...machine(), rows, ratio }));

function total({ cpu }: Measured): number {
  return Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
}
