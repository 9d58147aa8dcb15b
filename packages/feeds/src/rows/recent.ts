import type { FeedReports } from '../provider.ts';

/** The last so many distinct texts. */
export class Recent {
  readonly #capacity: number;
  readonly #seen = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(text: string): boolean {
    return this.#seen.has(text);
  }

  /** False: it was there already. */
  add(text: string): boolean {
    if (this.#seen.has(text)) return false;
    if (this.#seen.size >= this.#capacity) this.#seen.delete(this.#seen.values().next().value as string);
    this.#seen.add(text);
    return true;
  }
}

/** Who polls sees a bad row again and again; it is rejected once. */
export function rejectingOnce(reports: FeedReports): FeedReports {
  const seen = new Recent(2_000);
  return {
    notice: reports.notice,
    rejected(rejection) {
      const { reason, detail, origin, received = '' } = rejection;
      if (seen.add(`${reason} ${detail} ${origin} ${received}`)) reports.rejected(rejection);
    },
  };
}
