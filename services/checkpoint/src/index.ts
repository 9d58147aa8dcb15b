/** Decides at each interval what every model has earned. */
import type { CrunchConfig } from '@crunch-node/domain';
import { handleCommands, type Service, type ServiceContext, together } from '@crunch-node/service';
import { runCyclic, startStage } from '@crunch-node/stages';
import { checkpointCommands } from './commands.ts';
import { checkpointStage } from './stage.ts';

export { checkpointStage };

export function startCheckpoint(context: ServiceContext<CrunchConfig>): Service {
  const stage = checkpointStage(context.config);
  return startStage('checkpoint', context, ['all'], (loopContext) =>
    together(loopContext.signal, [
      (signal) => runCyclic([stage], { ...loopContext, signal }),
      (signal) =>
        handleCommands(checkpointCommands(context.log), { log: loopContext.log, logger: context.logger, signal }),
    ]),
  );
}
