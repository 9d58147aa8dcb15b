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
  const loads: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    loads.push(rounded(loadavg()[0]!));
    theirs.push(await backtest('reference', challenge));
    ours.push(await backtest('ours', join(root, 'packages/challenge-python/src')));
  }
  report(theirs, ours, loads);

  async function backtest(system: 'reference' | 'ours', packages: string): Promise<Measured> {
    const config = system === 'ours' ? [join(import.meta.dirname, 'peer/backtest-config.ts')] : [];
    return python(['backtest.py', system, data, String(days), ...config], `${code}:${packages}`);
  }
} finally {
  await folder.remove();
}

/** Runs a script to its end. Processor time includes what it has started. */
async function python([script = '', ...args]: readonly string[], path: string): Promise<Measured> {
  const before = childrenSeconds();
  const begun = performance.now();
  const child = spawn(installed.python, [join(code, script), ...args], {
    cwd: folder.path,
    env: { ...process.env, PYTHONPATH: path, CRUNCH_NODE: join(root, 'packages/cli/bin/crunch-node.js') },
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

function report(theirs: readonly Measured[], ours: readonly Measured[], load: readonly number[]): void {
  const least = (all: readonly Measured[], name: 'wall' | 'cpu' | 'seconds'): number =>
    Math.min(...all.map((one) => one[name]));
  const table = tableOf([`${days} days`, 'reference', 'ours', 'ratio']);
  const ratios: Record<string, number> = {};
  for (const [what, name] of [
    ['whole command, s', 'wall'],
    ['the run alone, s', 'seconds'],
    ['processor, s', 'cpu'],
  ] as const) {
    const [reference, own] = [least(theirs, name), least(ours, name)];
    ratios[name] = rounded(reference / own);
    table.push([what, rounded(reference), rounded(own), ratios[name]]);
  }
  const same = compared(theirs[0]!, ours[0]!);
  table.push(['predictions', theirs[0]!.scores.length, ours[0]!.scores.length, '']);
  console.log(table.toString());
  console.log(
    `scores of the same moments: ${same.compared} compared, largest difference ${same.largest_difference}; metrics of the reference ${JSON.stringify(theirs[0]!.metrics)}, ours ${JSON.stringify(ours[0]!.metrics)}`,
  );
  const figures = (all: readonly Measured[]) =>
    all.map(({ wall, seconds, cpu }) => ({ wall: rounded(wall), seconds: rounded(seconds), cpu: rounded(cpu) }));
  console.log(
    JSON.stringify({
      bench: 'backtest-peer',
      reference_version: 'crunch-node 0.1.101',
      days,
      ratios,
      reference: figures(theirs),
      ours: figures(ours),
      predictions: { reference: theirs[0]!.scores.length, ours: ours[0]!.scores.length },
      ...same,
      load,
      ...machine(),
    }),
  );
}

/** The reference predicts at the beginning of a candle, with the candle in its window already; ours at its end. */
function compared(theirs: Printed, ours: Printed) {
  const own = new Map(ours.scores);
  const differences = theirs.scores.flatMap(([at, score]) => {
    const other = own.get(at + 60);
    return score === null || other === undefined || other === null ? [] : [Math.abs(other - score)];
  });
  return { compared: differences.length, largest_difference: Math.max(...differences) };
}
