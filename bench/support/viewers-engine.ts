/** Projections and the report API in one process, as `up` has them, with the monitor that answers `/healthz`. */
import { connectLog } from '@crunch-node/eventlog';
import { startProject } from '@crunch-node/project';
import { startReport } from '@crunch-node/report';
import { createLogger, startMonitor } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { Registry } from 'prom-client';

const [databaseUrl = '', natsUrl = ''] = process.argv.slice(2);
const namespace = namespaceOf();
const logger = createLogger('error');
const metrics = new Registry();
const log = await connectLog({ url: natsUrl, namespace });
const project = startProject({ log, databaseUrl, namespace, logger, metrics });
const report = await startReport({
  databaseUrl,
  namespace,
  log,
  config: {
    crunch_id: 'bench',
    crunch_pubkey: '',
    network: 'devnet',
    aggregation: {
      windows: [
        { name: 'score_recent', hours: 24 },
        { name: 'score_steady', hours: 72 },
        { name: 'score_anchor', hours: 168 },
      ],
      value_field: 'value',
      ranking_key: 'score_recent',
      ranking_direction: 'desc',
    },
    metrics: ['ic', 'ic_sharpe', 'hit_rate', 'max_drawdown', 'model_correlation'],
    score_type: Type.Object({ value: Type.Number() }),
  },
  host: '127.0.0.1',
  port: 0,
  version: 'bench',
  logger,
  metrics,
});
const monitor = await startMonitor({
  services: [project, report],
  registry: metrics,
  connected: () => log.connected,
  host: '127.0.0.1',
  port: 0,
});
await project.caughtUp();
process.on('message', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send?.({ cpu_seconds: (userCPUTime + systemCPUTime) / 1e6, peak_rss_mb: Math.round(maxRSS / 1024) });
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: report.url, monitorUrl: monitor.url });
