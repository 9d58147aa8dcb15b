import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

/** What writes to files, and to nothing else: nats-server and Postgres both do it at places. */
const WRITES = 'pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range';

/** strace, which is Debian's package of that name, can hold the system calls of a running process up. */
export const canSlowDisks = (): boolean => spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;

export interface SlowDisk {
  /** At full speed again. */
  stop(): Promise<void>;
}

/** Every write to a file, and every wait for the disk, of a process and its children takes so much longer. */
export async function slowDiskOf(pid: number, writeMs: number): Promise<SlowDisk> {
  const pids = [pid, ...(await childrenOf(pid))];
  const strace = spawn('strace', [
    ...['-f', '-qq', '-o', '/dev/null', '-e', `trace=${WRITES}`],
    ...['-e', `inject=${WRITES}:delay_enter=${writeMs * 1000}`],
    ...pids.flatMap((one) => ['-p', String(one)]),
  ]);
  const ended = once(strace, 'exit');
  return {
    async stop() {
      strace.kill('SIGTERM');
      await ended;
    },
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    pids.map((one) =>
      readFile(`/proc/${one}/stat`, 'utf8').then(
        (stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]),
        () => 0, // it has ended
      ),
    ),
  );
  return pids.filter((_, i) => parents[i] === pid).map(Number);
}
