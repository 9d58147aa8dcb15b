import type { ModelReport, Report } from '../analysis/report.ts';

/** Rows of cells under their titles, as a terminal table. */
export interface TextTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const BARS = '▁▂▃▄▅▆▇█';
const MOST_DAYS = 7;
const REASON_WIDTH = 100;

export const number = (value: number | null | undefined, digits = 6): string =>
  value === null || value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);

/** A report for a terminal, table by table. */
export function tablesOf(report: Report): TextTable[] {
  const { models, windows, metrics, correlations } = report;
  const named = (rows: (model: ModelReport) => readonly string[]) =>
    models.map((model) => [model.rank === null ? '–' : String(model.rank), model.model_name, ...rows(model)]);
  const shown = metrics.filter((name) => models.some(({ overall }) => typeof overall.metrics[name] === 'number'));
  const tables: TextTable[] = [
    {
      title: `Leaderboard, by ${report.ranking_key}`,
      columns: ['#', 'model', ...windows, 'scored', 'failed', 'absent'],
      rows: named(({ leaderboard, outcomes, predictions }) => [
        ...windows.map((name) => number(leaderboard[name])),
        String(outcomes.scored),
        String(predictions.failed + outcomes.failed),
        String(predictions.absent),
      ]),
    },
    {
      title: 'Metrics over all rounds',
      columns: ['#', 'model', 'score', ...shown],
      rows: named(({ overall }) => [number(overall.mean_score), ...shown.map((name) => number(overall.metrics[name]))]),
    },
    {
      title: report.split === null ? 'Out of sample' : `Out of sample, from ${report.split.at.slice(0, 16)}`,
      columns: [
        '#',
        'model',
        'score before',
        'after',
        'ic before',
        'after',
        ...report.folds.map((_, i) => `fold ${i + 1}`),
      ],
      rows: named(({ in_sample, out_of_sample, folds }) => [
        number(in_sample?.mean_score),
        number(out_of_sample?.mean_score),
        number(in_sample?.metrics.ic),
        number(out_of_sample?.metrics.ic),
        ...folds.map(({ mean_score }) => number(mean_score)),
      ]),
    },
  ];
  const days = [...new Set(models.flatMap(({ by_day }) => Object.keys(by_day)))].sort().slice(-MOST_DAYS);
  if (days.length > 1) {
    tables.push({
      title: 'Score by day',
      columns: ['#', 'model', ...days],
      rows: named(({ by_day }) => days.map((day) => number(by_day[day]?.mean_score))),
    });
  }
  const failures = models.flatMap(({ model_name, failures }) =>
    Object.entries(failures).map(([reason, rounds]) => [String(rounds), model_name, reason.slice(0, REASON_WIDTH)]),
  );
  if (failures.length > 0) {
    tables.push({ title: 'Failures, by reason', columns: ['rounds', 'model', 'reason'], rows: failures });
  }
  if (models.length > 1) {
    tables.push({
      title: 'Correlation of answers',
      columns: ['#', 'model', ...models.map(({ model_name }) => model_name)],
      rows: named(({ model_id }) => models.map((other) => number(correlations[model_id]?.[other.model_id], 2))),
    });
  }
  return tables;
}

/** Curves of the sum of scores, a line of bars each. */
export function chartOf({ models }: Report, width = 60): string {
  const longest = Math.max(0, ...models.map(({ model_name }) => model_name.length));
  return models
    .map(({ model_name, equity }) => {
      const values = equity.map(([, value]) => value);
      return `  ${model_name.padEnd(longest)}  ${bars(values, width)}  ${number(values.at(-1), 2)}`;
    })
    .join('\n');
}

export function bars(values: readonly number[], width: number): string {
  if (values.length === 0) return ''.padEnd(width, '·');
  const length = Math.min(width, values.length);
  const place = (i: number): number => (length === 1 ? 0 : Math.round((i * (values.length - 1)) / (length - 1)));
  const picked = Array.from({ length }, (_, i) => values[place(i)]!);
  const [low, high] = [Math.min(...picked), Math.max(...picked)];
  const level = (value: number): number =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (BARS.length - 1));
  return picked
    .map((value) => BARS[level(value)])
    .join('')
    .padEnd(width);
}

/** Advice to a participant on how the model differs from the others. */
export function guidanceOf({ models }: Report): string[] {
  return models.flatMap(({ model_name, diversity }) =>
    diversity.guidance
      .filter(({ code }) => code !== 'INSUFFICIENT_DATA')
      .map(({ code, message }) => `${model_name}: ${code}. ${message}`),
  );
}
