/** A scoring cycle of the reference, and a row that compares it with ours down to the tables. */
import { DURABLE, type Durability } from './own-log.ts';
import type { Reference } from './reference.ts';
import type { Row } from './row.ts';
import type { OwnCycle } from './scored-tables.ts';
import { stopwatch } from './spent.ts';

export interface ReferenceCycle {
  readonly seconds: number;
  /** processor seconds */
  readonly cpu: number;
  readonly peakMb: number;
}

export async function referenceCycle(reference: Reference): Promise<ReferenceCycle> {
  const stop = stopwatch();
  const { seconds, peak_rss_mb } = await reference.call<{ seconds: number; peak_rss_mb: number }>('w1', 'cycle');
  return { seconds, cpu: stop().cpu, peakMb: peak_rss_mb };
}

export const rowToTables = (
  about: Pick<Row, 'workload' | 'what'>,
  reference: ReferenceCycle,
  ours: OwnCycle,
  durability: Durability,
): Row => ({
  ...about,
  unit: 's',
  reference: reference.seconds,
  ours: ours.tables.seconds,
  referenceCpu: reference.cpu,
  oursCpu: ours.tables.cpu,
  referencePeak: reference.peakMb,
  oursPeak: ours.peak,
  durable: `${DURABLE[durability]}, tables`,
});
