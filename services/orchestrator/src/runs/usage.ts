import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What a process and the processes it started use. */
export interface Usage {
  /** bytes of memory in use; what forks share is counted in each */
  readonly memoryBytes: number;
  /** since the start, of what still runs and of what its parent has waited for */
  readonly cpuSeconds: number;
}

/** Clock ticks in /proc: the same on every Linux. */
const TICKS_PER_SECOND = 100;

/** What the processes of a group use; null when none is left. */
export const usageOf = (group: number): Promise<Usage | null> =>
  process.platform === 'linux' ? usageFromProc(group) : usageFromPs(group);

async function usageFromProc(group: number): Promise<Usage | null> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => usageOfPid(pid, group)));
  return sum(found.filter((one) => one !== null));
}

async function usageOfPid(pid: string, group: number): Promise<Usage | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null; // it has ended meanwhile
  // The name is in parentheses and may hold anything; fields are counted behind it, the state being the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (Number(fields[2]) !== group) return null;
  const ticks = [11, 12, 13, 14].reduce((total, index) => total + Number(fields[index]), 0);
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  return { memoryBytes: kibibytes * 1024, cpuSeconds: ticks / TICKS_PER_SECOND };
}

async function usageFromPs(group: number): Promise<Usage | null> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss=,time=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return sum(
    rows
      .filter(([pgid]) => Number(pgid) === group)
      .map(([, rss, time = '']) => ({ memoryBytes: Number(rss) * 1024, cpuSeconds: secondsOf(time) })),
  );
}

/** `[[days-]hours:]minutes:seconds` */
export const secondsOf = (time: string): number =>
  time
    .replace('-', ':')
    .split(':')
    .reverse()
    .reduce((total, part, index) => total + Number(part) * [1, 60, 3_600, 86_400][index]!, 0);

const sum = (parts: readonly Usage[]): Usage | null =>
  parts.length === 0
    ? null
    : {
        memoryBytes: parts.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
        cpuSeconds: parts.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
      };
