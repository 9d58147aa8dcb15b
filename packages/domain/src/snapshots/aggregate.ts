import type { Json, JsonObject } from '@crunch-node/streams';
import type { SnapshotAggregator } from '../crunch-config.ts';

/**
 * Mean of every number of the successful results (true counts 1, false 0); of other values the last one. Failed results
 * count in `success` alone, so that a failure does not pull the values down.
 */
export const aggregateSnapshot: SnapshotAggregator = (results) => {
  const succeeded = results.filter(({ success }) => success !== false);
  const summary = aggregateAll(succeeded);
  const judged = results.filter(({ success }) => typeof success === 'boolean');
  return judged.length === 0
    ? summary
    : { ...summary, success: judged.filter(({ success }) => success === true).length / judged.length };
};

/** The same with failed results in every mean, as the reference system has it. */
export const legacyAggregateSnapshot: SnapshotAggregator = (results) => aggregateAll(results);

function aggregateAll(results: readonly JsonObject[]): JsonObject {
  const sums = new Map<string, { sum: number; count: number }>();
  const latest = new Map<string, Json>();
  for (const result of results) {
    for (const [key, value] of Object.entries(result)) {
      if (typeof value === 'number' || typeof value === 'boolean') {
        const known = sums.get(key);
        if (known === undefined) sums.set(key, { sum: Number(value), count: 1 });
        else {
          known.sum += Number(value);
          known.count += 1;
        }
      } else if (value !== null) latest.set(key, value);
    }
  }
  const averages = [...sums].map(([key, { sum, count }]): [string, Json] => [key, sum / count]);
  return Object.fromEntries([...averages, ...[...latest].filter(([key]) => !sums.has(key))]);
}
