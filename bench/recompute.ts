/**
 * Recomputing a log: SCORES, SNAPSHOTS, LEADERBOARDS and CHECKPOINTS recomputed from FEEDS and PREDICTIONS and compared
 * with what is recorded, and the time the stages took to publish it.
 *
 * `scripts/bench recompute [models] [minutes]`; the last line is JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startCheckpoint } from '@crunch-node/checkpoint';
import type { CrunchConfig } from '@crunch-node/domain';
import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { activateConfig } from '@crunch-node/operations/activate';
import { isProven, type RecomputeFrom, recomputeLog } from '@crunch-node/operations/recompute';
import { startRank } from '@crunch-node/rank';
import { startScore } from '@crunch-node/score';
import { createLogger, type ServiceContext } from '@crunch-node/service';
import { startSnapshot } from '@crunch-node/snapshot';
import { allStreams, checkpoints, leaderboards, namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { machine } from './support/machine.ts';
import { benchConfig, closedBy, fillLog } from './support/prefilled-log.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const MODELS = Number(process.argv[2] ?? 200);
const MINUTES = Number(process.argv[3] ?? 600);
const config = benchConfig();
const server = await privateNats();
const log = await connectLog({ url: server.url, namespace: namespaceOf() });
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);

await log.ensureStreams(allStreams);
const filled = await fillLog(log, config, { models: MODELS, minutes: MINUTES });
await activateConfig(log, config, 'bench', 'replay');
const context: ServiceContext<CrunchConfig> = {
  log,
  config,
  configHash: 'bench',
  pace: 'replay',
  logger: createLogger('warn'),
  metrics: new Registry(),
};
const services = [startCheckpoint(context), startRank(context), startSnapshot(context), startScore(context)];
const publishingFrom = performance.now();
await filled.publishFeeds();
await closedBy(log, leaderboards, [leaderboards.closingSubject()], MINUTES, () => delay(10));
await closedBy(log, checkpoints, [checkpoints.closingSubject()], MINUTES, () => delay(10));
const publishingMs = performance.now() - publishingFrom;
for (const service of services.reverse()) await service.stop();

const results = [];
for (const from of ['predictions', 'scores', 'snapshots'] as const satisfies readonly RecomputeFrom[]) {
  peak = 0;
  const begun = performance.now();
  const comparisons = await recomputeLog(log, { config, from, pace: 'replay', signal: new AbortController().signal });
  const seconds = (performance.now() - begun) / 1000;
  const events = comparisons.reduce((sum, comparison) => sum + comparison.events, 0);
  if (!isProven(comparisons)) throw new Error(`expected no difference, received ${JSON.stringify(comparisons)}`);
  results.push({ from, events, seconds: rounded(seconds), per_second: Math.round(events / seconds), peak });
}
clearInterval(watch);
await log.close();
await server.stop();

const shown = tableOf(['recomputed from', 'events compared', 'seconds', 'events/s', 'peak MB']);
for (const { from, events, seconds, per_second, peak: bytes } of results) {
  shown.push([from, events, seconds, per_second, Math.round(bytes / 2 ** 20)]);
}
console.log(shown.toString());
const [whole] = results as [(typeof results)[number]];
console.log(
  JSON.stringify({
    bench: 'recompute',
    models: MODELS,
    minutes: MINUTES,
    predictions: filled.predictions,
    predictions_per_second: Math.round(filled.predictions / whole.seconds),
    events_per_second: whole.per_second,
    seconds: whole.seconds,
    said_seconds: rounded(publishingMs / 1000),
    to_saying: rounded(publishingMs / 1000 / whole.seconds),
    peak_rss_mb: rounded(whole.peak / 2 ** 20),
    ...machine(),
  }),
);
