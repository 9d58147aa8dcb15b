import type { Suffered } from './instance.ts';
import { serviceOf } from './plan.ts';
import type { RunResult } from './run.ts';

/** A line of the matrix: what was done to whom, and what came of it. */
export interface TallyLine {
  readonly whom: string;
  readonly what: string;
  readonly times: number;
  readonly notReached: number;
  readonly runs: number;
  readonly failedRuns: number;
  readonly medianSeconds: number | null;
  readonly maxSeconds: number | null;
}

const whatOf = ({ disturbance }: Suffered): string => {
  switch (disturbance.how) {
    case 'point':
      return disturbance.at;
    case 'kill':
      return 'any moment';
    case 'kill starting':
      return 'while it starts';
    case 'terminate':
      return 'SIGTERM';
    case 'freeze':
      return 'SIGSTOP, SIGCONT';
    case 'cut off':
      return 'network stalled, reset';
  }
};

export const isKill = ({ disturbance: { how }, outcome }: Suffered): boolean =>
  outcome === 'done' && (how === 'point' || how === 'kill' || how === 'kill starting');

export function tallyOf(results: readonly RunResult[]): TallyLine[] {
  const entries = results.flatMap(({ seed, suffered, servers, faults }) => {
    const run = { seed, failed: faults.length > 0 };
    return [
      ...suffered.map((one) => ({
        ...run,
        whom: serviceOf(one.process) as string,
        what: whatOf(one),
        done: one.outcome === 'done',
        ms: one.goesOnAfterMs,
      })),
      ...servers.map(({ server, how, outcome }) => ({
        ...run,
        whom: server as string,
        what: how === 'kill' ? 'kill -9, restart' : how === 'stop' ? 'stop, restart' : how,
        done: outcome === 'done',
        ms: null,
      })),
    ];
  });
  const groups = new Map<string, typeof entries>();
  for (const entry of entries) {
    const key = `${entry.whom}\n${entry.what}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups].map(([key, group]) => {
    const [whom = '', what = ''] = key.split('\n');
    const done = group.filter((entry) => entry.done);
    const times = done.flatMap(({ ms }) => (ms === null ? [] : [ms / 1000])).sort((a, b) => a - b);
    return {
      whom,
      what,
      times: done.length,
      notReached: group.length - done.length,
      runs: new Set(done.map(({ seed }) => seed)).size,
      failedRuns: new Set(done.filter(({ failed }) => failed).map(({ seed }) => seed)).size,
      medianSeconds: times[times.length >> 1] ?? null,
      maxSeconds: times.at(-1) ?? null,
    };
  });
}

const order = ['ingest', 'predict', 'score', 'ensemble', 'snapshot', 'rank', 'checkpoint', 'project', 'replay'];
const rankOf = (whom: string): number => (order.includes(whom) ? order.indexOf(whom) : order.length);

/** As a table for people and for Markdown. */
export function tallyText(lines: readonly TallyLine[]): string {
  const seconds = (value: number | null): string => (value === null ? '' : value.toFixed(1));
  const sorted = [...lines].sort((a, b) => rankOf(a.whom) - rankOf(b.whom) || (a.what < b.what ? -1 : 1));
  const rows = sorted.map((line) => [
    line.whom,
    line.what,
    String(line.times),
    String(line.runs),
    line.failedRuns === 0 ? 'equal' : `${line.failedRuns} failed`,
    seconds(line.medianSeconds),
    seconds(line.maxSeconds),
  ]);
  const head = ['who', 'where or how', 'times', 'runs', 'result', 'median s', 'longest s'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
