import { type EpochUnit, epochUnits } from '@crunch-node/domain';
import type { Pool } from 'pg';
import type { ProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';
import type { Times } from '../../rows/index.ts';
import { asking } from './connect.ts';
import type { TableSettings } from './settings.ts';
import type { PageTable } from './table.ts';

/** A unit that appears later is noticed after so long. */
const KNOWN_MS = 60_000;

/**
 * The units a subject's times are in, of a column of numbers. What cannot be read in the configured unit, or in any, is
 * rejected by one example: the statement that reads a page does not see it.
 */
export function unitReader(settings: TableSettings, times: Times, clock: ProviderClock, reports: FeedReports) {
  const known = new Map<string, { readonly untilMs: number; readonly units: readonly EpochUnit[] }>();

  return async (pool: Pool, table: PageTable, subject: string, parameters: readonly string[]) => {
    const before = known.get(subject);
    if (table.samples === null) return [];
    if (before !== undefined && clock.nowMs() < before.untilMs) return before.units;
    const { samples } = table;
    const { rows } = await asking(pool, settings, (client) =>
      client.query<Record<EpochUnit | 'stray', string | null>>(samples, [...parameters]),
    );
    const found = rows[0];
    const units: EpochUnit[] = [];
    for (const name of [...epochUnits, 'stray'] as const) {
      const sample = found?.[name] ?? null;
      if (sample === null) continue;
      const read = times.read(sample, `${table.name} ${subject}`);
      if ('fault' in read) {
        const detail = `${read.fault}; rows like this one are not read`;
        reports.rejected({ reason: 'bad_time', detail, origin: `postgres ${table.name} ${subject}` });
      } else if (name !== 'stray') units.push(name);
    }
    if (units.length > 0) known.set(subject, { untilMs: clock.nowMs() + KNOWN_MS, units });
    return units;
  };
}
