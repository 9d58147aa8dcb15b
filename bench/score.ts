/**
 * Predictions scored a second, over the log: PREDICTIONS and FEEDS of a competition are there, score reads them, scores
 * and publishes, in one process and in two that share its partitions; and the scoring itself, without a log.
 *
 * `scripts/bench score [models] [minutes]`; the last line is JSON.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { scorePartitions } from '@crunch-node/domain';
import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { activateConfig } from '@crunch-node/operations/activate';
import { scoreStage } from '@crunch-node/score';
import { recompute } from '@crunch-node/stages';
import { allStreams, feeds, namespaceOf, predictions, type RoundScored, scores } from '@crunch-node/streams';
import { machine } from './support/machine.ts';
import { benchConfig, closedBy, type Filled, fillLog } from './support/prefilled-log.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const MODELS = Number(process.argv[2] ?? 500);
const MINUTES = Number(process.argv[3] ?? 600);
const config = benchConfig();
const partitions = scorePartitions(config);

interface Measured {
  readonly title: string;
  readonly per_second: number;
  readonly seconds: number;
  readonly peak_rss_mb: number;
}

async function withLog<T>(work: (log: EventLog, url: string, filled: Filled) => Promise<T>): Promise<T> {
  const server = await privateNats();
  const log = await connectLog({ url: server.url, namespace: namespaceOf() });
  try {
    await log.ensureStreams(allStreams);
    const filled = await fillLog(log, config, { models: MODELS, minutes: MINUTES });
    return await work(log, server.url, filled);
  } finally {
    await log.close();
    await server.stop();
  }
}

/** Processes have shared the partitions and wait for the feeds; from then to the last closing. */
const processes = (count: number): Promise<Measured> =>
  withLog(async (log, url, filled) => {
    const script = new URL('./support/score-process.ts', import.meta.url);
    const children = Array.from({ length: count }, () => fork(script, [url], { execArgv: ['--import', 'tsx'] }));
    await Promise.all(children.map((child) => once(child, 'message')));
    await activateConfig(log, config, 'bench', 'replay');
    await untilShared(log, count);
    const from = performance.now();
    await filled.publishFeeds();
    await closedBy(log, scores, partitions.map(scores.closingSubject), MINUTES, () => delay(10));
    const ms = performance.now() - from;
    const peaks = await Promise.all(children.map(peakOf));
    for (const child of children) {
      child.disconnect();
      await once(child, 'exit');
    }
    return measured(`${count} process${count > 1 ? 'es' : ''}`, filled.predictions, ms, Math.max(...peaks));
  });

/** Each process has its share of the partitions. */
async function untilShared(log: EventLog, count: number): Promise<void> {
  const leases = await log.leases();
  for (;;) {
    const owners = [...(await leases.holders())]
      .filter(([name]) => /^score\.\w+$/.test(name))
      .map(([, owner]) => owner);
    const shares = [...new Set(owners)].map((owner) => owners.filter((one) => one === owner).length);
    const fair = Math.ceil(partitions.length / count);
    if (owners.length === partitions.length && shares.length === count && Math.max(...shares) <= fair) return;
    await delay(20);
  }
}

async function peakOf(child: ChildProcess): Promise<number> {
  child.send('memory');
  const [{ peak }] = (await once(child, 'message')) as [{ peak: number }];
  return peak;
}

/** Read and scored, published nowhere. */
const inMemory = (): Promise<Measured> =>
  withLog(async (log, _, filled) => {
    await filled.publishFeeds();
    let scored = 0;
    let peak = 0;
    const from = performance.now();
    await recompute({
      log,
      taken: [feeds, predictions],
      cyclic: partitions.map((partition) => scoreStage(config, partition)),
      prompt: [],
      signal: new AbortController().signal,
      recomputed(_, __, events) {
        for (const event of events)
          if (event.type === 'RoundScored') scored += (event as RoundScored).data.outcomes.length;
        peak = Math.max(peak, process.memoryUsage().rss);
      },
    });
    return measured('read and scored, not published', scored, performance.now() - from, peak);
  });

const measured = (title: string, count: number, ms: number, peak: number): Measured => ({
  title,
  per_second: Math.round((count * 1000) / ms),
  seconds: rounded(ms / 1000),
  peak_rss_mb: rounded(peak / 2 ** 20),
});

const results = [await inMemory(), await processes(1), await processes(2)];
const shown = tableOf(['score', 'predictions/s', 'seconds', 'peak MB of a process']);
for (const { title, per_second, seconds, peak_rss_mb } of results) {
  shown.push([title, per_second, seconds, peak_rss_mb]);
}
console.log(shown.toString());
const [memory, one, two] = results as [Measured, Measured, Measured];
console.log(
  JSON.stringify({
    bench: 'score',
    models: MODELS,
    minutes: MINUTES,
    predictions: MODELS * 2 * MINUTES,
    unpublished_per_second: memory.per_second,
    one_process_per_second: one.per_second,
    two_processes_per_second: two.per_second,
    peak_rss_mb: Math.max(...results.map(({ peak_rss_mb }) => peak_rss_mb)),
    ...machine(),
  }),
);
