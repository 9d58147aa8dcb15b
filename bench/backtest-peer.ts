/**
 * The backtest of the reference's challenge package against ours, in turns in one run: the same Python model, the same
 * candles in the same Parquet files (written by the reference), the same interpreter. Whole commands are measured, from
 * starting Python to its end. Needs Python 3.11 or newer with pip; see bench/peer/README.md.
 *
 * `scripts/bench backtest-peer [days] [turns]`; the last line is JSON.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { tempDir } from '@crunch-node/embedded';
import { installReference } from './peer/reference.ts';
import { machine } from './support/machine.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const [days = 2, turns = 1] = process.argv.slice(2).map(Number);
const root = join(import.meta.dirname, '..');
const code = join(import.meta.dirname, 'peer', 'reference');
const TICKS_PER_SECOND = 100;

interface Printed {
  /** of the call of `run`, without starting Python */
  readonly seconds: number;
  /** Unix seconds of a prediction, and its score */
  readonly scores: readonly (readonly [number, number | null])[];
  readonly metrics: Readonly<Record<string, number | null>>;
}

interface Measured extends Printed {
  readonly wall: number;
  readonly cpu: number;
}

const installed = await installReference();
if (spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: ['ignore', 2, 2] }).status !== 0) {
  throw new Error('scripts/build.mjs failed: the command would be measured with its sources compiled in every run');
}
const folder = await tempDir('crunch-peer-');
try {
  const data = join(folder.path, 'data');
  // As the reference makes a project: its scaffold, and a pack over it.
  const challenge = join(folder.path, 'challenge');
  cpSync(join(installed.templates, 'scaffold', 'challenge'), challenge, { recursive: true });
  cpSync(join(installed.templates, 'packs', 'realtime', 'challenge'), challenge, { recursive: true, force: true });
  await python(['backtest_data.py', data, String(days)], code);
  const theirs: Measured[] = [];
  const ours: Measured[] = [];
  const hourly: Measured[] = [];
  const loads: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    loads.push(rounded(loadavg()[0]!));
    theirs.push(await backtest('reference', challenge));
    ours.push(await own(60));
    hourly.push(await own(3600));
  }
  report(theirs, { 'cycles of a minute': ours, 'cycles of an hour': hourly }, loads);

  function backtest(system: 'reference' | 'ours', packages: string, config: readonly string[] = [], cycle = 60) {
    const args = ['backtest.py', system, data, String(days), ...config];
    return python(args, `${code}:${packages}`, { CYCLE_SECONDS: String(cycle) });
  }
  function own(cycleSeconds: number): Promise<Measured> {
    const config = [join(import.meta.dirname, 'peer/backtest-config.ts')];
    return backtest('ours', join(root, 'packages/challenge-python/src'), config, cycleSeconds);
  }
} finally {
  await folder.remove();
}

/** Runs a script to its end. Processor time includes what it has started. */
async function python(
  [script = '', ...args]: readonly string[],
  path: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const before = childrenSeconds();
  const begun = performance.now();
  const child = spawn(installed.python, [join(code, script), ...args], {
    cwd: folder.path,
    env: {
      ...process.env,
      ...environment,
      PYTHONPATH: path,
      CRUNCH_NODE: join(root, 'packages/cli/bin/crunch-node.js'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exit] = (await once(child, 'close')) as [number | null];
  if (exit !== 0) throw new Error(`${script} ended with ${exit}`);
  const wall = (performance.now() - begun) / 1000;
  const text = Buffer.concat(chunks).toString().trim();
  const printed = (text === '' ? { seconds: 0, scores: [], metrics: {} } : JSON.parse(text)) as Printed;
  return { ...printed, wall, cpu: childrenSeconds() - before };
}

/** Processor seconds of all ended children of this process, and of theirs. Linux only. */
function childrenSeconds(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function report(
  theirs: readonly Measured[],
  ours: Readonly<Record<string, readonly Measured[]>>,
  load: readonly number[],
): void {
  const least = (all: readonly Measured[], name: 'wall' | 'cpu' | 'seconds'): number =>
    Math.min(...all.map((one) => one[name]));
  const table = tableOf([`${days} days`, 'reference', 'ours', 'ratio']);
  const results: Record<string, object> = {};
  for (const [cycles, own] of Object.entries(ours)) {
    const ratios: Record<string, number> = {};
    for (const [what, name] of [
      ['whole command, s', 'wall'],
      ['the run alone, s', 'seconds'],
      ['processor, s', 'cpu'],
    ] as const) {
      const [reference, mine] = [least(theirs, name), least(own, name)];
      ratios[name] = rounded(reference / mine);
      table.push([`${cycles}: ${what}`, rounded(reference), rounded(mine), ratios[name]]);
    }
    const same = compared(theirs[0]!, own[0]!);
    table.push([`${cycles}: predictions`, theirs[0]!.scores.length, own[0]!.scores.length, '']);
    const text = `${same.compared} scores of the same moments, largest difference ${same.largest_difference}`;
    table.push([`${cycles}: ${text}`, '', '', '']);
    results[cycles] = {
      ratios,
      ours: figures(own),
      predictions: own[0]!.scores.length,
      ...same,
      metrics: own[0]!.metrics,
    };
  }
  console.log(table.toString());
  console.log(
    JSON.stringify({
      bench: 'backtest-peer',
      reference_version: 'crunch-node 0.1.101',
      days,
      reference: figures(theirs),
      reference_predictions: theirs[0]!.scores.length,
      reference_metrics: theirs[0]!.metrics,
      results,
      load,
      ...machine(),
    }),
  );
}

function figures(all: readonly Measured[]) {
  return all.map(({ wall, seconds, cpu }) => ({ wall: rounded(wall), seconds: rounded(seconds), cpu: rounded(cpu) }));
}

/** The reference predicts at the beginning of a candle, with the candle in its window already; ours at its end. */
function compared(theirs: Printed, ours: Printed) {
  const own = new Map(ours.scores);
  const differences = theirs.scores.flatMap(([at, score]) => {
    const other = own.get(at + 60);
    return score === null || other === undefined || other === null ? [] : [Math.abs(other - score)];
  });
  return {
    compared: differences.length,
    largest_difference: differences.reduce((most, one) => Math.max(most, one), 0),
  };
}
