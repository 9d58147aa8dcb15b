import { areWeightsKnown, type GatheredRound, type WeightBook } from '@crunch-node/domain';
import type { Knowledge } from '@crunch-node/stages';
import { type Instant, microsOf, type Pace } from '@crunch-node/streams';

/** Resolves when a round may be combined, or the signal aborts. */
export type WaitForWeights = (
  round: GatheredRound,
  knowledge: Knowledge<WeightBook>,
  signal: AbortSignal,
) => Promise<void>;

/** Longest delay of a timer; longer waits set it repeatedly. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * At replay pace the weights are awaited. Live, a signal after its horizon is worthless: at half of it the newest
 * weights available are used. Rounds of one scope pass in the order in which they came.
 */
export function waitForWeights(pace: Pace, nowUs: () => number): WaitForWeights {
  const previous = new Map<string, Promise<void>>();

  async function weightsOf(round: GatheredRound, knowledge: Knowledge<WeightBook>, signal: AbortSignal): Promise<void> {
    const isKnown = (book: WeightBook): boolean => areWeightsKnown(book, round.weights_by);
    const { performed_at, resolvable_at } = round.predictions[0].data;
    if (pace === 'replay' || resolvable_at === null) {
      await knowledge.until(isKnown, signal);
      return;
    }
    const deadlineUs = halfway(performed_at, resolvable_at);
    for (let leftMs = msUntil(deadlineUs); leftMs > 0 && !signal.aborted; leftMs = msUntil(deadlineUs)) {
      const timeout = AbortSignal.timeout(Math.min(leftMs, LONGEST_MS));
      if (await knowledge.until(isKnown, AbortSignal.any([signal, timeout]))) return;
    }
  }

  const msUntil = (deadlineUs: number): number => Math.ceil((deadlineUs - nowUs()) / 1000);

  return (round, knowledge, signal) => {
    const earlier = previous.get(round.scope_key) ?? Promise.resolve();
    const own = weightsOf(round, knowledge, signal);
    const both = Promise.all([earlier, own]).then(() => undefined);
    previous.set(round.scope_key, both);
    return both;
  };
}

const halfway = (performed: Instant, resolvable: Instant): number => (microsOf(performed) + microsOf(resolvable)) / 2;
