/** Summarises what each model scored in a cycle, and chains the cycle's Merkle tree. */
import type { CrunchConfig } from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { startCyclic } from '@crunch-node/stages';
import { snapshotStage } from './stage.ts';

export { snapshotStage };

export const startSnapshot = (context: ServiceContext<CrunchConfig>): Service =>
  startCyclic('snapshot', context, ['all'], () => snapshotStage(context.config));
