import type { AwaitedModel, JoinPatience } from './pool.ts';
import type { Roster } from './roster.ts';

type Joining = Pick<Roster, 'initialised' | 'pending' | 'isRunning' | 'isGivenUp'>;

/** Models that have not joined yet; null while the orchestrator has not named any. */
export function awaitedModels(roster: Joining, expected: readonly string[]): readonly AwaitedModel[] | null {
  if (!roster.initialised) return null;
  const pending = roster.pending().map(({ model_id, address, reachable }) => ({
    model_id,
    address,
    why: reachable ? ('is being set up' as const) : ('cannot be reached' as const),
  }));
  const announced = new Set(pending.map(({ model_id }) => model_id));
  const absent = expected.filter(
    (modelId) => !announced.has(modelId) && !roster.isRunning(modelId) && !roster.isGivenUp(modelId),
  );
  return [...pending, ...absent.map((model_id) => ({ model_id, address: null, why: 'not announced' as const }))];
}

/**
 * Whether models that have not joined yet are still to be waited for, so long after the first `init`: expected ones
 * always, others as the patience has it.
 */
export function isAwaited(
  { model_id, why }: AwaitedModel,
  expected: readonly string[],
  waitedMs: number,
  patience: JoinPatience | undefined,
): boolean {
  if (expected.includes(model_id) || patience === undefined) return true;
  const longestMs =
    why === 'is being set up' ? (patience.settingUpMs ?? Number.POSITIVE_INFINITY) : patience.unreachableMs;
  return waitedMs < longestMs;
}
