/** The report API of the workloads in a process of its own: `report-process <database url>`. */
import { startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { competition } from './competition.ts';

const report = await startReport({
  databaseUrl: process.argv[2] ?? '',
  namespace: namespaceOf(),
  config: competition(),
  host: '127.0.0.1',
  port: 0,
  version: 'bench',
  logger: createLogger('warn'),
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: report.url });
