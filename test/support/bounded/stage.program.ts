/** Runs one stage in a process of its own and prints how many messages of an input it has read; ends with 0 on SIGTERM. */
import { connectLog } from '@crunch-node/eventlog';
import { startScore } from '@crunch-node/score';
import { createLogger, type Service, type ServiceContext } from '@crunch-node/service';
import { startSnapshot } from '@crunch-node/snapshot';
import { namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { CONFIG_HASH, laggingConfig } from '../one-lags.ts';

const [natsUrl = '', name = '', stage = ''] = process.argv.slice(2);
const log = await connectLog({ url: natsUrl, namespace: namespaceOf(name) });
const context: ServiceContext<typeof laggingConfig> = {
  log,
  config: laggingConfig,
  configHash: CONFIG_HASH,
  pace: 'replay',
  logger: createLogger('warn'),
  metrics: new Registry(),
};
const service: Service = stage === 'score' ? startScore(context) : startSnapshot(context);
const look = setInterval(() => process.stdout.write(`${service.health().counts.events ?? 0}\n`), 50);
process.once('SIGTERM', () => {
  clearInterval(look);
  void service
    .stop()
    .then(() => log.close())
    .then(() => process.exit(0));
});
await service.ended;
