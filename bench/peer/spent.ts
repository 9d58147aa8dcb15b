import { type CpuSeconds, cpuOfTree, type Part } from '../support/process-tree.ts';

/** Parts of the tree of processes whose processor time counts; this process itself only prepares and waits. */
const COUNTED: readonly Part[] = ['models', 'nats-server', 'postgres', 'other'];

export interface Spent {
  readonly seconds: number;
  /** of all processes this one has started, in seconds: workers and servers */
  readonly cpu: number;
}

export function stopwatch(): () => Spent {
  const before = cpuOfTree(process.pid);
  const begun = performance.now();
  return () => {
    const seconds = (performance.now() - begun) / 1000;
    return { seconds, cpu: between(before, cpuOfTree(process.pid)) };
  };
}

export async function spentBy(work: () => Promise<unknown>): Promise<Spent> {
  const stop = stopwatch();
  await work();
  return stop();
}

const between = (before: CpuSeconds, after: CpuSeconds): number =>
  COUNTED.reduce((sum, part) => sum + after[part] - before[part], 0);
