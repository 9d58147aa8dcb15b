import type { FeedReports } from '@crunch-node/feeds';

const MOST = 20;

/** Notices about a job for its operator: few lines, however often something happened. */
export interface Notices {
  readonly reports: FeedReports;
  add(line: string): void;
  lines(): string[];
}

export function collectNotices(earlier: readonly string[]): Notices {
  const lines = [...earlier];
  const rejected = new Map<string, { count: number; example: string }>();
  return {
    reports: {
      rejected({ reason, detail, origin }) {
        const known = rejected.get(reason);
        if (known === undefined) rejected.set(reason, { count: 1, example: `${origin}: ${detail}`.slice(0, 200) });
        else known.count++;
      },
      notice: () => undefined,
    },
    add(line) {
      if (!lines.includes(line) && lines.length < MOST) lines.push(line);
    },
    lines: () => [
      ...lines,
      ...[...rejected].map(
        ([reason, { count, example }]) =>
          `${count} ${count === 1 ? 'row was' : 'rows were'} no record (${reason}), for example ${example}`,
      ),
    ],
  };
}
