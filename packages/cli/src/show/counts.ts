import { count, table } from './text.ts';

export interface StageCount {
  readonly stage: string;
  /** counts by name: `records` 5,760 */
  readonly counts: readonly (readonly [what: string, number: number])[];
}

/**
 * @param seconds duration of the run, for the rates
 * @param before counts at its beginning, from an earlier run
 */
export const countsText = (
  stages: readonly StageCount[],
  seconds: number,
  before: readonly StageCount[] = [],
): string =>
  table(
    [{ title: 'stage' }, { title: '' }, { title: 'count', align: 'right' }, { title: 'per second', align: 'right' }],
    stages.flatMap(({ stage, counts }) =>
      counts.map(([what, number], index) => [
        index === 0 ? stage : '',
        what,
        count(number),
        seconds > 0 ? count(Math.max(0, number - numberIn(before, stage, what)) / seconds) : '–',
      ]),
    ),
  );

const numberIn = (stages: readonly StageCount[], stage: string, what: string): number =>
  stages.find((one) => one.stage === stage)?.counts.find(([name]) => name === what)?.[1] ?? 0;
