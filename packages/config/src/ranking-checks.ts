/** What the ranking of a competition by scores is computed from. */
import { type CommonConfig, didYouMean } from '@crunch-node/domain';
import { Kind } from '@sinclair/typebox';
import { shown } from './config-error.ts';
import { metricNames } from './custom-metrics.ts';
import type { Check } from './sound-parts.ts';

/** A check for each of the `metrics`. */
export const metricChecks = (config: CommonConfig): readonly Check[] =>
  [...config.metrics.keys()].map((index) => () => {
    const name = config.metrics[index]!;
    const known = metricNames(config);
    if (known.includes(name)) return [];
    const nearest = didYouMean(name, known);
    return [`metrics[${index}]: expected one of ${known.join(', ')}, received ${shown(name)}${nearest}`];
  });

export function rankingFaults({ aggregation, metrics, score_type }: CommonConfig): string[] {
  const { ranking_key, value_field, relative } = aggregation;
  const windows = aggregation.windows.map(({ name }) => name);
  const scored = Object.entries(score_type.properties)
    .filter(([, schema]) => ['Number', 'Integer'].includes(schema[Kind]))
    .map(([name]) => name);
  const fields = [...scored, ...(relative === undefined ? [] : [relative.name])];
  const faults: string[] = [];
  if (relative !== undefined && !scored.includes(relative.of)) {
    faults.push(
      `aggregation.relative.of: expected a number in score_type (${scored.join(', ')}), received ${shown(relative.of)}${didYouMean(relative.of, scored)}`,
    );
  }
  if (relative !== undefined && Object.hasOwn(score_type.properties, relative.name)) {
    faults.push(
      `aggregation.relative.name: expected a name that score_type does not have, received ${shown(relative.name)}`,
    );
  }
  if (![...windows, ...metrics, ...fields].includes(ranking_key)) {
    faults.push(
      `aggregation.ranking_key: expected a window (${windows.join(', ')}), an active metric (${metrics.join(', ')}) ` +
        `or a number in score_type (${fields.join(', ')}), received ${shown(ranking_key)}` +
        didYouMean(ranking_key, [...windows, ...metrics, ...fields]),
    );
  }
  if (windows.length > 0 && !fields.includes(value_field)) {
    faults.push(
      `aggregation.value_field: expected a number in score_type (${fields.join(', ')}), received ${shown(value_field)}` +
        didYouMean(value_field, fields),
    );
  }
  return faults;
}
