/**
 * Stages and projections in one process, as `up` has them: `stages-process <nats url> <database url> <cycle seconds>
 * <stages>`; reports when they run.
 */
import { startCheckpoint } from '@crunch-node/checkpoint';
import { connectLog } from '@crunch-node/eventlog';
import { startProject } from '@crunch-node/project';
import { startRank } from '@crunch-node/rank';
import { startScore } from '@crunch-node/score';
import { createLogger, type Service } from '@crunch-node/service';
import { startSnapshot } from '@crunch-node/snapshot';
import { namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { competition } from './competition.ts';

const [natsUrl = '', databaseUrl = '', cycleSeconds = '60', stages = 'score,snapshot,rank,checkpoint,project'] =
  process.argv.slice(2);
const namespace = namespaceOf();
const log = await connectLog({ url: natsUrl, namespace });
const logger = createLogger('warn');
const metrics = new Registry();
const config = competition({ cycleSeconds: Number(cycleSeconds) });
const context = { log, config, configHash: 'bench', pace: 'live' as const, logger, metrics };
const starts: Readonly<Record<string, () => Service>> = {
  score: () => startScore(context),
  snapshot: () => startSnapshot(context),
  rank: () => startRank(context),
  checkpoint: () => startCheckpoint(context),
  project: () => startProject({ log, databaseUrl, namespace, logger, metrics }),
};
const services = stages.split(',').map((name) => starts[name]!());
process.once('disconnect', () => {
  void Promise.all(services.map((service) => service.stop())).then(async () => {
    await log.close();
    process.exit(0);
  });
});
process.send?.({ started: true });
