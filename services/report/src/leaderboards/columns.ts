import { isCovered } from '@crunch-node/domain';
import type { LeaderboardColumn } from '../dashboard/schemas.ts';
import { metricName, titled } from '../dashboard/titles.ts';
import type { ReportConfig } from '../route-context.ts';
import { formatOf, type Magnitudes } from '../values/decimals.ts';

/** Field of a leaderboard entry with the rounds behind the score of a window. */
export const roundsField = (window: string): string => `${window}_rounds`;

const TWO_DECIMALS = new Set(['hit_rate', 'sortino_ratio']);
/** Parts of every score, not results of it. */
const NOT_A_COLUMN = new Set(['value', 'success', 'failed_reason']);

/** The UI keeps columns of its own under 1 to 5, and merges, sorts and deletes by id. */
const FIRST_ID = 101;

/**
 * The columns of the leaderboard as the UI draws them, from what the competition configures.
 * @param magnitudes of the numbers in the latest ranking
 */
export function leaderboardColumns(config: ReportConfig, magnitudes: Magnitudes = {}): LeaderboardColumn[] {
  const { aggregation, metrics, score_type } = config;
  const format = (column: string, usual: number): string => formatOf(column, usual, config, magnitudes);
  const value = (property: string, format: string, displayName: string, tooltip: string | null, order: number) => ({
    type: 'VALUE',
    property,
    format,
    displayName,
    tooltip,
    nativeConfiguration: null,
    order,
  });
  const columns: Omit<LeaderboardColumn, 'id'>[] = [
    {
      type: 'PROJECT', // what the UI draws as a model with its status
      property: 'model_id',
      format: null,
      displayName: 'Model',
      tooltip: null,
      nativeConfiguration: { type: 'model', statusProperty: 'status' },
      order: 0,
    },
    {
      type: 'USERNAME',
      property: 'username', // what the UI's own column reads
      format: null,
      displayName: 'Cruncher',
      tooltip: null,
      nativeConfiguration: null,
      order: 5,
    },
    ...aggregation.windows.map(({ name, hours }, i) =>
      value(
        name,
        format(name, 2),
        titled(name),
        hours === 1 ? 'Mean score of the last hour' : `Mean score of the last ${hours} hours`,
        10 * (i + 1),
      ),
    ),
    ...(isCovered(aggregation)
      ? aggregation.windows.map(({ name }, i) =>
          value(
            roundsField(name),
            'decimal-0',
            `${titled(name)} Rounds`,
            'Rounds the score comes from',
            10 * (i + 1) + 1,
          ),
        )
      : []),
    ...metrics.map((metric, i) =>
      value(metric, format(metric, TWO_DECIMALS.has(metric) ? 2 : 4), metricName(metric), null, 100 + 10 * i),
    ),
    ...Object.entries(score_type.properties).flatMap(([name, { type }], i) =>
      (type === 'number' || type === 'integer') && !NOT_A_COLUMN.has(name)
        ? [value(name, format(name, 4), titled(name), null, 200 + 10 * i)]
        : [],
    ),
  ];
  return columns.map((column, i) => ({ id: FIRST_ID + i, ...column }));
}
