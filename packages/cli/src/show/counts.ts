import { count, table } from './text.ts';

export interface StageCount {
  readonly stage: string;
  /** what is counted, with its number: `records` 5,760 */
  readonly counts: readonly (readonly [what: string, number: number])[];
}

/** @param seconds what the run took; rates are per second of it */
export const countsText = (stages: readonly StageCount[], seconds: number): string =>
  table(
    [{ title: 'stage' }, { title: '' }, { title: 'count', align: 'right' }, { title: 'per second', align: 'right' }],
    stages.flatMap(({ stage, counts }) =>
      counts.map(([what, number], index) => [
        index === 0 ? stage : '',
        what,
        count(number),
        seconds > 0 ? count(number / seconds) : '–',
      ]),
    ),
  );
