import { endianness } from 'node:os';
import {
  type ConfigGuard,
  codeFingerprint,
  guardConfig,
  keepGoing,
  type Service,
  type ServiceContext,
} from '@crunch-node/service';
import type { LoopContext } from '../loop.ts';
import { stateKeeper } from '../saved-state/keeper.ts';
import { stageInstruments } from '../stage-instruments.ts';
import type { Partition } from './partition.ts';
import { sharePartitions } from './sharing.ts';

const DEFAULT_STATE_SECONDS = 5;
/** The packages that affect the state of every stage, in addition to the stage's own. */
const PACKAGES = ['streams', 'domain', 'models', 'config', 'service', 'stages'];

/**
 * A service made of the partitions of one stage, shared with its other instances by leases.
 * @param run works on partitions that were taken together, each for as long as its lease lasts; called again for those
 * taken later
 */
export function startStage<Config, P extends Partition>(
  name: string,
  { log, configHash, logger: parent, metrics, stateSeconds = DEFAULT_STATE_SECONDS }: ServiceContext<Config>,
  partitions: readonly P[],
  run: (context: LoopContext, partitions: readonly P[]) => Promise<void>,
): Service {
  const logger = parent.child({ service: name });
  const instruments = stageInstruments(metrics, name);
  let guard: ConfigGuard | undefined;
  const states =
    stateSeconds === 0
      ? undefined
      : stateKeeper({
          service: name,
          partitions,
          log,
          configHash,
          fingerprint: () => `${endianness()} ${codeFingerprint([...PACKAGES, name])}`,
          logger,
          instruments,
          everySeconds: stateSeconds,
        });
  const service = keepGoing({
    name,
    logger,
    async work(signal, vitals) {
      guard ??= guardConfig(log, configHash, logger);
      const context = { name, log, logger, guard, vitals, instruments, ...(states && { states }) };
      while (!signal.aborted) {
        vitals.state = 'waiting';
        vitals.detail = 'waiting until its configuration is the active one';
        await guard.untilActive(signal);
        vitals.detail = '';
        await sharePartitions({
          ...context,
          service: name,
          partitions,
          signal,
          work: (leases, working) =>
            run(
              { ...context, signal: working, leases },
              leases.map(({ partition }) => partition as P),
            ),
        });
      }
    },
  });
  service.ended.finally(() => guard?.stop()).catch(() => undefined);
  return service;
}
