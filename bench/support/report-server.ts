/**
 * The report API in a process of its own, as deployed; reports its address, and on request the resources it has used.
 */
import { startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';

const [databaseUrl = '', metrics = '20'] = process.argv.slice(2);
const report = await startReport({
  databaseUrl,
  namespace: namespaceOf(),
  config: {
    crunch_id: 'bench',
    crunch_pubkey: '',
    network: 'devnet',
    aggregation: {
      windows: [24, 72, 168].map((hours) => ({ name: `score_${hours}h`, hours })),
      value_field: 'value',
      ranking_key: 'score_24h',
      ranking_direction: 'desc',
    },
    metrics: Array.from({ length: Number(metrics) }, (_, i) => `metric_${i + 1}`),
    score_type: Type.Object({ value: Type.Number() }),
  },
  host: '127.0.0.1',
  port: 0,
  version: 'bench',
  logger: createLogger('warn'),
});
process.on('message', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send?.({ cpu_seconds: (userCPUTime + systemCPUTime) / 1e6, peak_rss_mb: Math.round(maxRSS / 1024) });
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: report.url });
