import type { Service, ServiceContext } from '@crunch-node/service';
import { runCyclic } from './cyclic/cyclic-loop.ts';
import type { CyclicStage } from './cyclic/cyclic-stage.ts';
import type { Partition } from './ownership/partition.ts';
import { startStage } from './ownership/start-stage.ts';

/** A service that consists of a cyclic stage only. */
export const startCyclic = <Config, P extends Partition>(
  name: string,
  context: ServiceContext<Config>,
  partitions: readonly P[],
  stageOf: (partition: P) => CyclicStage,
): Service => startStage(name, context, partitions, (loopContext, owned) => runCyclic(owned.map(stageOf), loopContext));
