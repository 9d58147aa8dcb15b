import { type ConfigGuard, guardConfig } from './config-guard.ts';
import type { LoopMeans } from './loop.ts';
import type { Service, ServiceContext } from './service.ts';
import { supervise } from './supervise.ts';

/** A service made of the partitions of one stage: a lease each, one loop for those this process owns. */
export function startStage<Config>(
  name: string,
  { log, configHash, logger }: ServiceContext<Config>,
  partitions: readonly (string | number)[],
  run: (means: LoopMeans) => Promise<void>,
): Service {
  const named = logger.child({ service: name });
  const leaseNames = partitions.length === 1 ? [name] : partitions.map((partition) => `${name}.${partition}`);
  let guard: ConfigGuard | undefined;
  const service = supervise({
    name,
    leaseNames,
    log,
    logger: named,
    async tenure(signal, vitals) {
      guard ??= guardConfig(log, configHash, named);
      await guard.untilActive(signal);
      await run({ log, guard, signal, vitals });
    },
  });
  service.ended.finally(() => guard?.stop()).catch(() => undefined);
  return service;
}
