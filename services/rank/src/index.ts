/** Ranks models after each cycle. */
import type { CrunchConfig } from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { startCyclic } from '@crunch-node/stages';
import { rankStage } from './stage.ts';

export { rankStage };

export const startRank = (context: ServiceContext<CrunchConfig>): Service =>
  startCyclic('rank', context, ['all'], () => rankStage(context.config));
