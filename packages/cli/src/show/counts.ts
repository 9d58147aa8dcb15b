import { count, table } from './text.ts';

export interface StageCount {
  readonly stage: string;
  /** what is counted, with its number: `records` 5,760 */
  readonly counts: readonly (readonly [what: string, number: number])[];
}

/**
 * @param seconds what the run took; rates are per second of it
 * @param before what was there when it began: an earlier run's
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
