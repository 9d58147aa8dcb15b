/** Processor time and memory of a process and all it has started. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** `CLK_TCK` of Linux, whatever the kernel's own ticks are */
const TICKS_PER_SECOND = 100;

export type Part = 'engine' | 'models' | 'nats-server' | 'postgres' | 'other';

/** Seconds of processor time so far, ended children that were waited for included. */
export type CpuSeconds = Readonly<Record<Part, number>>;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly seconds: number;
}

export function cpuOfTree(root: number): CpuSeconds {
  const parts: Record<Part, number> = { engine: 0, models: 0, 'nats-server': 0, postgres: 0, other: 0 };
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
  const visit = (process: Process): void => {
    parts[partOf(process, root)] += process.seconds;
    for (const child of processes) if (child.parent === process.pid) visit(child);
  };
  for (const process of processes) if (process.pid === root) visit(process);
  return parts;
}

/** Peak resident memory of one process, in MB. */
export function peakMemory(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

/** Null when it has ended. */
function processOf(pid: number): Process | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The command is in parentheses, and may contain any character.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place]), 0);
  return {
    pid,
    parent: Number(fields[1]),
    command: text.slice(text.indexOf('(') + 1, end),
    seconds: ticks / TICKS_PER_SECOND,
  };
}

function partOf({ pid, command }: Process, root: number): Part {
  if (pid === root) return 'engine';
  if (command.startsWith('nats-server')) return 'nats-server';
  if (command.startsWith('postgres')) return 'postgres';
  return command.startsWith('node') ? 'models' : 'other';
}
