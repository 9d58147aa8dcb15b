import type { AwaitedModel, JoinPatience, ModelPool } from '@crunch-node/models';
import type { LoopContext } from '@crunch-node/stages';
import type { Pace } from '@crunch-node/streams';

/** The longest wait for a model that cannot be reached. */
const UNREACHABLE_MS = 10_000;
const LOOK_EVERY_MS = 250;

/**
 * Waits until the models of the first rounds have joined, naming the missing ones in the state of the service and of
 * its partitions. At replay pace expected models are awaited until they run or are given up on, and any reachable model
 * until it is set up, since rounds are not repeated. Live, rounds are lost meanwhile, so the wait is only as long as it
 * takes to detect that a model cannot be reached. Models that come later take part from then on.
 */
export async function waitForModels(
  pool: Pick<ModelPool, 'settled' | 'awaited'>,
  expected: readonly string[],
  pace: Pace,
  context: LoopContext,
): Promise<void> {
  const { vitals, logger, signal } = context;
  const progresses = (context.leases ?? []).map(({ progress }) => progress);
  const show = (): void => {
    const awaited = pool.awaited(expected);
    vitals.detail =
      awaited === null
        ? 'waiting for the orchestrator'
        : `waiting for ${awaited.map(describe).join(', ') || 'the models'}`;
  };
  for (const progress of progresses) {
    progress.waitFor(() => pool.awaited(expected)?.map(({ model_id }) => `model ${model_id}`) ?? ['the orchestrator']);
  }
  show();
  const showing = setInterval(show, LOOK_EVERY_MS);
  try {
    const late = await pool.settled(expected, signal, patienceIn(pace));
    for (const model of late) logger.warn({ ...model }, 'began without a model, which takes part when it joins');
  } finally {
    clearInterval(showing);
    for (const progress of progresses) progress.waitFor(() => []);
  }
  vitals.detail = '';
}

const patienceIn = (pace: Pace): JoinPatience =>
  pace === 'live' ? { unreachableMs: UNREACHABLE_MS, settingUpMs: UNREACHABLE_MS } : { unreachableMs: UNREACHABLE_MS };

const describe = ({ model_id, address, why }: AwaitedModel): string =>
  `model ${model_id}${address === null ? '' : ` at ${address}`}, which ${why === 'not announced' ? 'is not announced' : why}`;
