import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from '@crunch-node/embedded/testing';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** its standard error so far */
  output(): string;
  /** its standard output so far */
  results(): string;
  /** Resolves once a condition holds; fails, with the standard error, when the command ends before. */
  reaches(what: string, holds: (output: string) => boolean | Promise<boolean>): Promise<void>;
}

/** What `crunch-node` runs. */
export const bin = join(import.meta.dirname, '..', '..', 'bin', 'crunch-node.js');

/** The real command in a process of its own, without the environment variables of the test run. */
export function runCli(
  args: readonly string[],
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): RunningCli {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env },
    ...(cwd && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails half-way leaves nothing running: on a signal the command stops its servers.
  const stop = (): void => void child.kill('SIGTERM');
  process.once('exit', stop);
  child.once('close', () => process.off('exit', stop));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    ended,
    output: () => stderr,
    results: () => stdout,
    async reaches(what, holds) {
      const isThere = async (): Promise<boolean> => {
        if (await holds(stderr)) return true;
        if (child.exitCode !== null) throw new Error(`expected ${what}, but the command ended:\n${stderr}`);
        return false;
      };
      await until(what, isThere, { deadlineMs: 120_000, seen: () => stderr });
    },
  };
}
