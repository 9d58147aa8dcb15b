/**
 * One of several processes of score: `score-process <nats url> <config json>`; reports when it runs, and its memory.
 */
import { connectLog } from '@crunch-node/eventlog';
import { startScore } from '@crunch-node/score';
import { createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { benchConfig } from './prefilled-log.ts';

const log = await connectLog({ url: process.argv[2]!, namespace: namespaceOf() });
const service = startScore({
  log,
  config: benchConfig(),
  configHash: 'bench',
  pace: 'replay',
  logger: createLogger('warn'),
  metrics: new Registry(),
});
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50).unref();
process.on('message', (text) => {
  if (text === 'memory') process.send?.({ peak });
});
process.once('disconnect', () => {
  void service.stop().then(async () => {
    await log.close();
    process.exit(0);
  });
});
process.send?.({ started: true });
