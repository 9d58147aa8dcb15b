import type { FailureCount } from '@crunch-node/projections';
import { count, table } from './text.ts';

/** Reasons that are listed; rarer ones are only counted. */
const SHOWN = 5;

/** Null: nothing failed. */
export function failuresText(failures: readonly FailureCount[]): string | null {
  if (failures.length === 0) return null;
  const shown = failures.slice(0, SHOWN);
  const rest = failures.slice(SHOWN).reduce((sum, { times }) => sum + times, 0);
  const rows = shown.map(({ what, reason, times, models, example, example_name }) => [
    count(times),
    what,
    models === 1 ? `model ${example_name ?? example}` : `${models} models, such as ${example_name ?? example}`,
    reason,
  ]);
  const text = table(
    [{ title: 'times', align: 'right' }, { title: 'failed' }, { title: 'of' }, { title: 'reason' }],
    rows,
  );
  return rest === 0 ? text : `${text}\n  and ${count(rest)} for other reasons: /reports/failures`;
}
