/**
 * How long a restart takes after some days: score, snapshot and rank are stopped when they have closed every cycle, the
 * feed continues by one, and the clock runs from the start of the process until rank has closed that cycle; with saved
 * states, and without.
 *
 * `scripts/bench restart [models] [minutes]`; the last line is JSON.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { scorePartitions } from '@crunch-node/domain';
import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { activateConfig } from '@crunch-node/operations/activate';
import { allStreams, instantOfMillis, leaderboards, namespaceOf } from '@crunch-node/streams';
import { machine } from './support/machine.ts';
import { benchConfig, closedBy, fillLog, START } from './support/prefilled-log.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const MODELS = Number(process.argv[2] ?? 200);
const MINUTES = Number(process.argv[3] ?? 720);
const script = new URL('./support/restart-process.ts', import.meta.url);

interface Reported {
  readonly peak: number;
  /** messages read, of all stages */
  readonly read: number;
  readonly stateBytes: Readonly<Record<string, number>>;
  readonly saves: Readonly<Record<string, number>>;
  readonly saveSeconds: Readonly<Record<string, number>>;
}

interface Measured extends Reported {
  readonly title: string;
  readonly seconds: number;
}

/** Starts the stages, waits until a minute is ranked and stops them. */
async function restarted(title: string, { log, url, minute, stateSeconds }: RestartOptions): Promise<Measured> {
  const from = performance.now();
  const child = fork(script, [url, String(stateSeconds)], { execArgv: ['--import', 'tsx'] });
  await closedBy(log, leaderboards, [leaderboards.closingSubject()], minute, () => delay(10));
  const seconds = rounded((performance.now() - from) / 1000);
  if (stateSeconds > 0) await untilSaved(log, minute);
  const reported = await ask(child);
  child.disconnect();
  await once(child, 'exit');
  return { title, seconds, ...reported };
}

/** A state of the last minute is saved for each partition, as happens soon after its closing. */
async function untilSaved(log: EventLog, minute: number): Promise<void> {
  const store = await log.states();
  const end = instantOfMillis(START + minute * 60_000);
  const names = [...scorePartitions(benchConfig()).map((partition) => `score.${partition}`), 'snapshot', 'rank'];
  for (const name of names) {
    while (!(await store.heads(name)).some(({ about }) => String(about.cycle_end) >= end)) await delay(50);
  }
}

interface RestartOptions {
  readonly log: EventLog;
  readonly url: string;
  readonly minute: number;
  readonly stateSeconds: number;
}

async function ask(child: ChildProcess): Promise<Reported> {
  child.send('told');
  const [reported] = (await once(child, 'message')) as [Reported];
  return reported;
}

const server = await privateNats();
const log = await connectLog({ url: server.url, namespace: namespaceOf() });
const results: Measured[] = [];
try {
  await log.ensureStreams(allStreams);
  await activateConfig(log, benchConfig(), 'bench', 'replay');
  const filled = await fillLog(log, benchConfig(), { models: MODELS, minutes: MINUTES + 2 });
  await filled.publishFeeds(MINUTES);
  const at = { log, url: server.url };
  results.push(await restarted('all of it, for the first time', { ...at, minute: MINUTES, stateSeconds: 1 }));
  await filled.publishFeeds(MINUTES + 1);
  results.push(await restarted('restart with saved states', { ...at, minute: MINUTES + 1, stateSeconds: 5 }));
  await filled.publishFeeds(MINUTES + 2);
  results.push(await restarted('restart without', { ...at, minute: MINUTES + 2, stateSeconds: 0 }));
} finally {
  await log.close();
  await server.stop();
}

const shown = tableOf(['', 'seconds', 'messages read', 'peak MB']);
for (const { title, seconds, read, peak } of results) shown.push([title, seconds, read, rounded(peak / 2 ** 20, 0)]);
console.log(shown.toString());
const [first, withStates, without] = results as [Measured, Measured, Measured];
console.log(
  JSON.stringify({
    bench: 'restart',
    models: MODELS,
    minutes: MINUTES,
    first_seconds: first.seconds,
    with_states_seconds: withStates.seconds,
    with_states_read: withStates.read,
    without_states_seconds: without.seconds,
    without_states_read: without.read,
    state_bytes: first.stateBytes,
    saves: first.saves,
    save_seconds: first.saveSeconds,
    peak_rss_mb: Math.round(Math.max(...results.map(({ peak }) => peak)) / 2 ** 20),
    ...machine(),
  }),
);
