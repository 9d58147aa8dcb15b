import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const crunchNode = join(root, 'packages/cli/bin/crunch-node.js');

/** The product as a user starts it. */
export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  output(): string;
}

export function crunchNodeRun(args: readonly string[], env: NodeJS.ProcessEnv): Run {
  const child = spawn(process.execPath, [crunchNode, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return { child, output: () => output, ended };
}

/** Processes of a cluster, by name, from its output; the newest of those started again. */
export function pidOf(run: Run, name: string): number {
  const lines = [...run.output().matchAll(new RegExp(`^${name}\\s+(\\d+)\\s+http`, 'gm'))];
  const pid = Number(lines.at(-1)?.[1]);
  if (!Number.isInteger(pid)) throw new Error(`expected the process of ${name} in:\n${run.output()}`);
  return pid;
}
