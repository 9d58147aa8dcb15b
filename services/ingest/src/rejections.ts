import type { FeedReports } from '@crunch-node/feeds';
import type { Logger } from '@crunch-node/service';
import { Counter, type Registry } from 'prom-client';

/** Rows that were no records, since this process began. */
export type RejectedRows = {
  readonly rows: number;
  /** reason → rows */
  readonly reasons: Readonly<Record<string, number>>;
  /** the first few, and the first of each reason, one line each: reason, where, and what was wrong */
  readonly first: readonly string[];
};

type Rejection = Parameters<FeedReports['rejected']>[0];

const MOST_FIRST = 5;
const MOST_CHARACTERS = 300;
const NAME = 'crunch_ingest_rejected_rows_total';

/** Counts rejections, and logs them and a provider's notices; a broken feed has thousands, so not each is logged. */
export class Rejections {
  readonly #counts = new Map<string, number>();
  readonly #first: string[] = [];
  readonly #counter: Counter<'reason'>;
  readonly reports: FeedReports;

  constructor(registry: Registry, logger: Logger) {
    this.#counter = rejectedRowsCounter(registry);
    this.reports = {
      rejected: (rejection) => this.#add(rejection, logger),
      notice: (text, facts) => logger.warn(facts, text),
    };
  }

  #add({ reason, detail, origin }: Rejection, logger: Logger): void {
    const times = (this.#counts.get(reason) ?? 0) + 1;
    this.#counts.set(reason, times);
    this.#counter.inc({ reason });
    // At least one of each reason, however many of another came before.
    if (times === 1 || this.#first.length < MOST_FIRST) {
      const where = detail.includes(origin) ? '' : `${origin}: `;
      this.#first.push(`${reason} ${where}${detail}`.slice(0, MOST_CHARACTERS));
    }
    if (times <= 3 || times % 1_000 === 0) logger.warn({ reason, detail, origin, times }, 'a row is no record');
  }

  get rows(): RejectedRows {
    const rows = [...this.#counts.values()].reduce((sum, n) => sum + n, 0);
    return { rows, reasons: Object.fromEntries(this.#counts), first: [...this.#first] };
  }

  /** As the counts of a service: rejected, and rejected_<reason>. */
  get counts(): Readonly<Record<string, number>> {
    const { rows, reasons } = this.rows;
    const named = Object.entries(reasons).map(([reason, n]) => [`rejected_${reason}`, n] as const);
    return rows === 0 ? {} : { rejected: rows, ...Object.fromEntries(named) };
  }
}

/** Several starts in one process add to the same counters. */
export const rejectedRowsCounter = (registry: Registry): Counter<'reason'> =>
  (registry.getSingleMetric(NAME) as Counter<'reason'> | undefined) ??
  new Counter({
    name: NAME,
    help: 'Rows of a feed that are no records',
    labelNames: ['reason'],
    registers: [registry],
  });
