import { readTime, type TimeForm, type TimeRead, type TimeUnit, unitNames } from '@crunch-node/domain';
import type { FeedReports } from '../provider.ts';
import { Recent } from './recent.ts';

export { isNumericText, type TimeRead, type TimeUnit, timeUnits } from '@crunch-node/domain';

/** Reads the times of one provider's rows, and reports once per feed what `auto` decided. */
export class Times {
  readonly unit: TimeUnit;
  readonly #reports: FeedReports;
  readonly #reported = new Recent(1_000);

  constructor(unit: TimeUnit, reports: FeedReports) {
    this.unit = unit;
    this.#reports = reports;
  }

  /**
   * @param of whose times they are, for a person
   * @param expected the form that needs no word, since the layout of the file gives it
   */
  read(value: unknown, of: string, expected?: TimeForm): TimeRead {
    const read = readTime(value, this.unit);
    if ('ms' in read && this.unit === 'auto' && read.form !== expected) this.#report(read.form, of, value);
    return read;
  }

  #report(form: TimeForm, of: string, value: unknown): void {
    if (form === 'date' || !this.#reported.add(`${form} ${of}`)) return;
    this.#reports.notice(`times are read as ${unitNames[form]}: set time_unit if they are something else`, {
      feed: of,
      example: String(value),
    });
  }
}
