import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const command = join(root, 'packages/cli/bin/crunch-node.js');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A `crunch-node` process, its output going to a file. */
export interface CrunchProcess {
  readonly child: ChildProcess;
  /** the exit, once it is over */
  readonly exit: Exit | null;
  readonly ended: Promise<Exit>;
  /** resolves with true when it reports that it serves, with false when it ends before that */
  readonly serving: Promise<boolean>;
}

export function startCrunchNode(
  args: readonly string[],
  { env, logFile, title }: { env: NodeJS.ProcessEnv; logFile: string; title: string },
): CrunchProcess {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    // It ends when this process does, however that ends.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const file = createWriteStream(logFile, { flags: 'a' });
  file.write(`--- ${title}, process ${child.pid}\n`);
  let serves: (yes: boolean) => void = () => undefined;
  const serving = new Promise<boolean>((resolve) => {
    serves = resolve;
  });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    file.write(chunk);
    output = (output + chunk.toString('utf8')).slice(-2_000);
    if (/^serving .* at http/m.test(output)) serves(true);
  });
  child.stderr!.on('data', (chunk: Buffer) => file.write(chunk));
  let exit: Exit | null = null;
  const ended = once(child, 'close').then(([code, signal]) => {
    exit = { code: code as number | null, signal: signal as NodeJS.Signals | null };
    file.end(`--- ended with ${exit.signal ?? exit.code}\n`);
    serves(false);
    return exit;
  });
  return {
    child,
    get exit() {
      return exit;
    },
    ended,
    serving,
  };
}

/** Asked by signal first; killed when it does not end in time. @returns whether it had to be killed */
export async function stopInOrder(
  { child, ended }: CrunchProcess,
  patienceMs: number,
): Promise<Exit & { forced: boolean }> {
  let forced = false;
  const timer = setTimeout(() => {
    forced = true;
    child.kill('SIGKILL');
  }, patienceMs);
  child.kill('SIGTERM');
  const exit = await ended;
  clearTimeout(timer);
  return { ...exit, forced };
}
