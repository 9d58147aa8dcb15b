import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Distinguishes a process from a later one with the same id: its start time and the boot it belongs to. Null when there
 * is no such process, or only its zombie.
 */
export async function identityOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') {
    const answer = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => null);
    return answer === null ? null : answer.stdout.trim() || null;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name in parentheses may contain spaces, so fields are counted after it: state is the 3rd, start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()}:${fields[19]}`;
}
