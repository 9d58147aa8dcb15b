/** Turns predictions into scores: one lease and one writer per partition. */
import { type CrunchConfig, scorePartitions } from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { startCyclic } from '@crunch-node/stages';
import { scoreStage } from './stage.ts';

export { scoreStage };

export const startScore = (context: ServiceContext<CrunchConfig>): Service =>
  startCyclic('score', context, scorePartitions(context.config), (partition) => scoreStage(context.config, partition));
