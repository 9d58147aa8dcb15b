/**
 * Servers that never outlive the process that started them, not even when it is killed with SIGKILL. On Linux with
 * `setpriv` (util-linux) the kernel signals them at its death; elsewhere a shell waits for the end of a pipe held by
 * it. Both are tied to the thread that started the server: start servers on the main thread.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface OwnedProcess {
  readonly pid: number;
  /** null while it runs */
  readonly exit: Exit | null;
  /** Resolves when it has ended, keeping this process alive until then. */
  wait(): Promise<Exit>;
  /** Resolves when it has ended; at once for SIGSTOP and SIGCONT. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** folders above its files are closed to that user: allow it to traverse them */
  readonly passFolders: boolean;
}

export interface OwnedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** file to which stdout and stderr are appended */
  readonly logFile: string;
  /** signal it receives when this process dies */
  readonly deathSignal: 'SIGKILL' | 'SIGQUIT';
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** run as another user; only allowed for root */
  readonly runAs?: RunAs;
}

let deathSignalWorks: boolean | undefined;

/** Busybox has a `setpriv` without this option, so it is tried out, once. */
const kernelSignalsAtOurDeath = (): boolean =>
  (deathSignalWorks ??=
    process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0);

export async function startOwned(options: OwnedProcessOptions): Promise<OwnedProcess> {
  const log = await open(options.logFile, 'a');
  try {
    return await start(options, log);
  } finally {
    await log.close();
  }
}

async function start(options: OwnedProcessOptions, log: FileHandle): Promise<OwnedProcess> {
  const { command, args, deathSignal, env, cwd, runAs } = options;
  const bySetpriv = kernelSignalsAtOurDeath();
  if (!bySetpriv && runAs?.passFolders) {
    throw new Error('expected folders that every user may pass, or setpriv (util-linux) on PATH');
  }
  const [file, argv] = bySetpriv
    ? ['setpriv', ['--pdeathsig', deathSignal.slice(3), ...asUser(runAs), '--', command, ...args]]
    : [command, [...args]];
  const child = spawn(file, argv, {
    stdio: ['ignore', log.fd, log.fd],
    detached: true, // Ctrl-C is for this process only, which stops its servers last
    ...(env && { env }),
    ...(cwd && { cwd }),
    ...(!bySetpriv && runAs && { uid: runAs.uid, gid: runAs.gid }),
  });
  await once(child, 'spawn');
  child.unref(); // a forgotten server must not keep this process alive; it ends with it
  const watchdog = bySetpriv ? null : watch(child.pid!, deathSignal);

  let exit: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      watchdog?.kill('SIGKILL');
      exit = { code, signal };
      resolve(exit);
    });
  });
  return {
    pid: child.pid!,
    get exit() {
      return exit;
    },
    wait() {
      if (exit === null) child.ref();
      return exited;
    },
    async kill(signal) {
      if (exit !== null) return;
      child.kill(signal);
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
      child.ref();
      await exited;
    },
  };
}

function asUser(runAs: RunAs | undefined): string[] {
  if (runAs === undefined) return [];
  const { uid, gid, passFolders } = runAs;
  const user = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  if (!passFolders) return user;
  // Without the securebit, access(2), which initdb calls for its own files, would ignore the capability.
  const pass = ['--securebits', '+no_setuid_fixup', '--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];
  return [...user, ...pass];
}

function watch(pid: number, deathSignal: string): ChildProcess {
  const script = 'read -r _; kill -"$1" "$0" 2>/dev/null';
  const watchdog = spawn('sh', ['-c', script, String(pid), deathSignal.slice(3)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref(); // a socket at runtime, which the type does not show
  return watchdog;
}
