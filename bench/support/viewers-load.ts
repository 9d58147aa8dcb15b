/** Viewers of the web UI's Metrics page: each requests seven reports at once every so many seconds, forever. */
import { setTimeout as delay } from 'node:timers/promises';
import { percentile, rounded } from './statistics.ts';

export interface Viewing {
  readonly url: string;
  readonly monitorUrl: string;
  readonly viewers: number;
  readonly seconds: number;
  readonly pollSeconds: number;
  readonly projectIds: readonly string[];
}

export interface Answers {
  readonly requests: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

export interface ViewingResult extends Answers {
  /** milliseconds of the first page of all, when nothing has been made yet, by path */
  readonly first_ms: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly by_path: Readonly<Record<string, Answers & { readonly bytes: number }>>;
  readonly megabytes_per_poll: number;
  readonly healthz_max_ms: number;
}

const DAYS_ASKED = 30;
const PATHS = [
  '/reports/models/global',
  '/reports/models/metrics',
  '/reports/models/params',
  '/reports/predictions',
  '/reports/ensemble/history',
  '/reports/checkpoints/rewards',
  '/reports/leaderboard',
];
/** The UI gives up after this; the first page of all is waited for. */
const TIMEOUT_MS = 15_000;
const FIRST_TIMEOUT_MS = 120_000;

async function view(given: Viewing): Promise<ViewingResult> {
  const { url, monitorUrl, viewers, seconds, pollSeconds } = given;
  const times: Record<string, number[]> = Object.fromEntries(PATHS.map((path) => [path, []]));
  const statuses: Record<string, number> = {};
  const bytes: Record<string, number> = {};
  const ask = async (path: string, timeoutMs = TIMEOUT_MS): Promise<void> => {
    const end = new Date();
    const span = { start: new Date(end.getTime() - DAYS_ASKED * 86_400_000).toISOString(), end: end.toISOString() };
    const query = new URLSearchParams({ projectIds: given.projectIds.join(','), ...span });
    const from = performance.now();
    const status = await fetch(`${url}${path}?${query}`, { signal: AbortSignal.timeout(timeoutMs) })
      .then(async (answer) => {
        bytes[path] = (await answer.arrayBuffer()).byteLength;
        return String(answer.status);
      })
      .catch((error: Error) => error.name);
    times[path]?.push(performance.now() - from);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  await Promise.all(PATHS.map((path) => ask(path, FIRST_TIMEOUT_MS)));
  const first_ms = Object.fromEntries(Object.entries(times).map(([path, own]) => [path, rounded(own.splice(0)[0]!)]));
  const until = performance.now() + seconds * 1_000;
  const viewer = async (_: unknown, place: number): Promise<void> => {
    await delay((place / viewers) * pollSeconds * 1_000);
    for (let poll = performance.now(); poll < until; poll += pollSeconds * 1_000) {
      await delay(Math.max(0, poll - performance.now()));
      await Promise.all(PATHS.map((path) => ask(path)));
    }
  };
  const health: number[] = [];
  const watch = async (): Promise<void> => {
    while (performance.now() < until) {
      for (const at of [`${url}/healthz`, `${monitorUrl}/healthz`]) {
        const from = performance.now();
        // A request without a response counts with the time it was waited for.
        await fetch(at)
          .then((answer) => answer.arrayBuffer())
          .catch(() => undefined);
        health.push(performance.now() - from);
      }
      await delay(250);
    }
  };
  await Promise.all([watch(), ...Array.from({ length: viewers }, viewer)]);
  const total = Object.values(bytes).reduce((sum, one) => sum + one, 0);
  return {
    ...answersOf(Object.values(times).flat()),
    first_ms,
    statuses,
    by_path: Object.fromEntries(
      Object.entries(times).map(([path, own]) => [path, { ...answersOf(own), bytes: bytes[path] ?? 0 }]),
    ),
    megabytes_per_poll: rounded(total / 2 ** 20),
    healthz_max_ms: rounded(Math.max(...health)),
  };
}

const answersOf = (times: readonly number[]): Answers => ({
  requests: times.length,
  p50_ms: rounded(percentile(times, 50)),
  p99_ms: rounded(percentile(times, 99)),
  max_ms: rounded(Math.max(...times)),
});

process.on('message', (viewing: Viewing) => {
  view(viewing).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.once('disconnect', () => process.exit(0));
