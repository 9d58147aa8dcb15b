/**
 * Starting: the command compiled (`npm run build`) against its sources, in processor time and wall time, in turns.
 *
 * `scripts/bench start [rounds]`; the last line is JSON. `--help` and `config` run to their end; `serve score` runs on
 * a server of its own until it reports that it serves. Ratios are of medians.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@crunch-node/embedded';
import { privateNats } from '@crunch-node/embedded/testing';
import { machine } from './support/machine.ts';
import { percentile, rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
/** `CLK_TCK` of Linux, whatever the kernel's own ticks are */
const TICKS_PER_SECOND = 100;
const root = join(import.meta.dirname, '..');
const command = join(root, 'packages/cli/bin/crunch-node.js');

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}
interface Start {
  readonly args: readonly string[];
  /** what is printed when it is ready; none: it runs to its end */
  readonly ready?: RegExp;
}
const starts: Readonly<Record<string, Start>> = {
  '--help': { args: ['--help'] },
  config: { args: ['config'] },
  'serve score, until ready': { args: ['serve', 'score', '--demo', '--port', '0'], ready: /^serving /m },
};

const server = await privateNats();
const folder = await tempDir('crunch-bench-start-');

/** Seconds of processor time of a process so far, its threads included. Linux only. */
function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function costOf({ args, ready }: Start, sources: boolean): Promise<Cost> {
  const startedAt = performance.now();
  // An ending process prints its processor time last.
  const report =
    'process.on("exit", () => { const { userCPUTime: u, systemCPUTime: s } = process.resourceUsage(); process.stderr.write("CPU " + (u + s) / 1e6 + "\\n"); })';
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(report)}`, command, ...args],
    {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NATS_URL: server.url, CRUNCH_SOURCES: sources ? '1' : '0' },
    },
  );
  let output = '';
  const printed = (chunk: Buffer): void => {
    output += String(chunk);
  };
  child.stdout.on('data', printed);
  child.stderr.on('data', printed);
  const closed = once(child, 'close');
  if (ready === undefined) {
    const [code] = await closed;
    const cpu = Number(/^CPU ([\d.]+)$/m.exec(output)?.[1]);
    if (code !== 0 || Number.isNaN(cpu)) throw new Error(`expected ${args.join(' ')} to work, received:\n${output}`);
    return { cpu, wall: (performance.now() - startedAt) / 1_000 };
  }
  while (!ready.test(output)) {
    await Promise.race([once(child.stdout, 'data'), closed]);
    if (child.exitCode !== null) throw new Error(`expected ${args.join(' ')} to serve, received:\n${output}`);
  }
  const cost = { cpu: cpuSeconds(child), wall: (performance.now() - startedAt) / 1_000 };
  child.kill('SIGTERM');
  await closed;
  return cost;
}

try {
  const results: Record<string, Record<string, number>> = {};
  for (const [name, start] of Object.entries(starts)) {
    const costs: Record<'compiled' | 'sources', Cost[]> = { compiled: [], sources: [] };
    // The first of each fills caches of the file system and of tsx.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [kind, list] of Object.entries(costs)) {
        const cost = await costOf(start, kind === 'sources');
        if (round > 0) list.push(cost);
      }
    }
    const median = (list: readonly Cost[], of: keyof Cost): number =>
      percentile(
        list.map((cost) => cost[of]),
        50,
      );
    results[name] = {
      compiled_cpu_s: rounded(median(costs.compiled, 'cpu')),
      sources_cpu_s: rounded(median(costs.sources, 'cpu')),
      cpu_ratio: rounded(median(costs.compiled, 'cpu') / median(costs.sources, 'cpu')),
      compiled_wall_s: rounded(median(costs.compiled, 'wall')),
      sources_wall_s: rounded(median(costs.sources, 'wall')),
    };
  }
  const table = tableOf(['start', 'compiled, CPU s', 'sources, CPU s', 'ratio', 'compiled, wall s', 'sources, wall s']);
  for (const [name, values] of Object.entries(results)) table.push([name, ...Object.values(values).map(String)]);
  console.log(table.toString());
  console.log(JSON.stringify({ bench: 'start', rounds: ROUNDS, ...machine(), results }));
} finally {
  await server.stop();
  await folder.remove();
}
