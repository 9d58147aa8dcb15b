import type { Answer } from '../api/use-api.ts';

export type Status = Answer<'/operations/status'>;
export type StageRow = Status['stages'][number];
export type Activity = StageRow['activity'];

/** The order in which an event comes through. */
const ORDER = ['ingest', 'predict', 'ensemble', 'score', 'snapshot', 'rank', 'checkpoint'];
/** The worst of several is what a service is. */
const WORST: readonly Activity[] = ['frozen', 'unowned', 'starting', 'working', 'idle', 'stopped'];

export interface Stage {
  readonly service: string;
  readonly activity: Activity;
  readonly reached: string | null;
  /** the largest of its partitions, in event time; null: not known */
  readonly behind_seconds: number | null;
  readonly partitions: readonly StageRow[];
}

/** Partitions of a service together, in the order of the pipeline. */
export function stagesOf(rows: readonly StageRow[]): Stage[] {
  const services = [...new Set(rows.map(({ service }) => service))];
  const place = (service: string): number => (ORDER.includes(service) ? ORDER.indexOf(service) : ORDER.length);
  return services
    .sort((a, b) => place(a) - place(b))
    .map((service) => {
      const partitions = rows.filter((row) => row.service === service);
      const behind = partitions.flatMap(({ behind_seconds }) => behind_seconds ?? []);
      const reached = partitions.flatMap((row) => row.reached ?? []).sort();
      return {
        service,
        activity: worst(partitions.map(({ activity }) => activity)),
        // Of partitions the one that is behind: what all have reached.
        reached: reached.length === partitions.length ? (reached[0] ?? null) : null,
        behind_seconds: behind.length === 0 ? null : Math.max(...behind),
        partitions,
      };
    });
}

export const worst = (activities: readonly Activity[]): Activity =>
  WORST.find((activity) => activities.includes(activity)) ?? 'idle';

/** Partitions that differ in their names only share a line: `0–3, 5`. */
export function groupsOf(partitions: readonly StageRow[]): { readonly row: StageRow; readonly names: string }[] {
  const groups = new Map<string, StageRow[]>();
  for (const row of partitions) {
    const { activity, owner, reached, behind_messages, waits_for } = row;
    const key = JSON.stringify([activity, owner, reached, behind_messages, waits_for.length]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((rows) => {
    const [row] = rows;
    return row === undefined ? [] : [{ row, names: runs(rows.map(({ partition }) => partition)) }];
  });
}

function runs(names: readonly string[]): string {
  const found: string[][] = [];
  for (const name of names) {
    const last = found.at(-1);
    if (last !== undefined && /^\d+$/.test(name) && Number(name) === Number(last.at(-1)) + 1) last.push(name);
    else found.push([name]);
  }
  return found.map((run) => (run.length === 1 ? run[0] : `${run[0]}–${run.at(-1)}`)).join(', ');
}

/** What is late, in a sentence. */
export function summary({ stages, projections, postgres }: Status): string {
  const late = stagesOf(stages).filter(({ activity }) => activity === 'frozen' || activity === 'unowned');
  const tables = (projections ?? []).filter(({ activity }) => activity === 'frozen');
  const parts = [
    ...late.map(({ service, activity }) => `${service} is ${activity === 'frozen' ? 'frozen' : 'without an owner'}`),
    ...tables.map(({ projection }) => `the projection ${projection} is frozen`),
    ...(postgres === null ? [] : ['Postgres cannot be asked']),
  ];
  if (parts.length > 0) return `${sentence(parts.join(', '))}.`;
  if (stages.length === 0) return 'No configuration is active yet.';
  if (stages.every(({ activity }) => activity === 'stopped'))
    return 'The replay is over: every stage has closed every cycle.';
  return stages.every(({ activity }) => activity === 'idle') ? 'Everything has caught up.' : 'Everything moves.';
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
