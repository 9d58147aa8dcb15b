/**
 * Score, snapshot and rank in one process: `restart-process <nats url> <state seconds>`; reports their work on request.
 */
import { connectLog } from '@crunch-node/eventlog';
import { startRank } from '@crunch-node/rank';
import { startScore } from '@crunch-node/score';
import { createLogger } from '@crunch-node/service';
import { startSnapshot } from '@crunch-node/snapshot';
import { namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { benchConfig } from './prefilled-log.ts';

const log = await connectLog({ url: process.argv[2]!, namespace: namespaceOf(), leaseSeconds: 10 });
const metrics = new Registry();
const context = {
  log,
  config: benchConfig(),
  configHash: 'bench',
  pace: 'replay' as const,
  logger: createLogger('warn'),
  metrics,
  stateSeconds: Number(process.argv[3]),
};
const services = [startRank(context), startSnapshot(context), startScore(context)];
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50).unref();

async function sums(suffix: string): Promise<Record<string, number>> {
  const found = (await metrics.getMetricsAsJSON()).filter(({ name }) => name.endsWith(suffix));
  return Object.fromEntries(
    found.map(({ name, values }) => [
      name.split('_')[1],
      (values as { value: number }[]).reduce((sum, { value }) => sum + value, 0),
    ]),
  );
}

process.on('message', async () => {
  process.send?.({
    peak,
    read: services.reduce((sum, service) => sum + (service.health().counts.events ?? 0), 0),
    stateBytes: await sums('_state_bytes'),
    saves: await sums('_states_saved_total'),
    saveSeconds: Object.fromEntries(
      (await metrics.getMetricsAsJSON())
        .filter(({ name }) => name.endsWith('_state_save_seconds'))
        .map(({ name, values }) => [
          name.split('_')[1],
          (values as { metricName?: string; value: number }[]).find(({ metricName }) => metricName?.endsWith('_sum'))
            ?.value,
        ]),
    ),
  });
});
process.once('disconnect', () => {
  void Promise.all(services.map((service) => service.stop())).then(async () => {
    await log.close();
    process.exit(0);
  });
});
