/**
 * The history of the demo, from the first report of its progress until projections have caught up: `up --demo --once
 * --days N`, driven from outside, so that a build needs nothing but its command.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tempDir } from '@crunch-node/embedded';
import type { Build } from '../support/build-of.ts';
import { type CpuSeconds, cpuOfTree, type Part, peakMemory } from '../support/process-tree.ts';

export interface Measured {
  readonly wall: number;
  readonly cpu: CpuSeconds;
  /** of the engine's own process, MB */
  readonly peakRss: number;
  /** what it reports at its end */
  readonly digest: string;
  /** MB of the messages of the log, and of the tables with their indexes and the catalogue */
  readonly disk: { readonly log: number; readonly tables: number };
}

const BEGUN = /^ *\d+% .* rounds /;
const ENDED = /^Leaderboard, /;
const DIGEST = /^digest (.*)$/;

/** @param args further options of `up` */
export async function history(build: Build, days: number, args: readonly string[] = []): Promise<Measured> {
  const folder = await tempDir('crunch-bench-history-');
  const command = join(build.folder, 'packages/cli/bin/crunch-node.js');
  const options = ['--demo', '--once', '--days', String(days), '--port', '0', '--data-dir', join(folder.path, 'data')];
  const child = spawn(process.execPath, [command, 'up', ...options, ...args], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  const state = () => ({ at: performance.now(), cpu: cpuOfTree(child.pid!) });
  let begun: ReturnType<typeof state> | undefined;
  let ended: (ReturnType<typeof state> & { readonly peakRss: number }) | undefined;
  let digest = '';
  const took = (line: string): void => {
    lines.push(line);
    if (begun === undefined && BEGUN.test(line)) begun = state();
    if (ended === undefined && ENDED.test(line)) ended = { ...state(), peakRss: peakMemory(child.pid!) };
    digest = DIGEST.exec(line)?.[1] ?? digest;
  };
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', took);
  try {
    const [code] = await closed;
    if (code !== 0 || begun === undefined || ended === undefined) {
      throw new Error(`expected ${build.name} to replay a history, received code ${code}:\n${lines.join('\n')}`);
    }
    const cpu = { ...ended.cpu };
    for (const part of Object.keys(cpu) as Part[]) cpu[part] -= begun.cpu[part];
    const disk = {
      log: megabytes(join(folder.path, 'data/nats'), (name) => name.endsWith('.blk')),
      tables: megabytes(join(folder.path, 'data/postgres'), (_, path) => path.includes('/base/')),
    };
    return { wall: (ended.at - begun.at) / 1_000, cpu, peakRss: ended.peakRss, digest, disk };
  } finally {
    if (child.exitCode === null) child.kill('SIGTERM');
    await folder.remove();
  }
}

function megabytes(folder: string, counts: (name: string, path: string) => boolean): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, path: join(entry.parentPath ?? entry.path, entry.name) }))
    .filter(({ name, path }) => counts(name, path));
  return Math.round(files.reduce((sum, { path }) => sum + statSync(path).size, 0) / 2 ** 20);
}
