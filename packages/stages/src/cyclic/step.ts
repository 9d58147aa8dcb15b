import { type Closing, canonicalOrder, type Event, isClosing } from '@crunch-node/streams';
import type { SavedState } from '../saved-state/saved-state.ts';
import type { ClosedCycle } from './cycle-barrier.ts';
import type { CyclicStage } from './cyclic-stage.ts';

/** The result of a closed cycle. */
export interface Step<S = unknown> {
  /** the state for the next cycle */
  readonly state: S;
  /** the events of this cycle, the closing last */
  readonly events: readonly Event[];
  /** the last of them */
  readonly closing: Closing;
}

/**
 * One cycle of a cyclic stage. Live operation, recomputation, `verify`, `whatif` and backtests share this function, so
 * what is verified is what runs.
 *
 * @param cycle its events in any order
 * @param published the stage's own closing of this cycle when it is in the log: what it records takes precedence over
 * what is recomputed
 * @throws {TypeError} the reaction does not end with the closing
 */
export function step<S>(
  stage: CyclicStage<S>,
  state: S,
  { cycle, events }: ClosedCycle,
  published: Closing | null = null,
): Step<S> {
  const reaction = stage.react(state, cycle, events.toSorted(canonicalOrder));
  const closing = reaction.events.at(-1);
  if (closing === undefined || !isClosing(closing)) {
    throw new TypeError(`expected the cycle ${cycle.end} to be closed last`);
  }
  return { state: adopted(stage, reaction.state, published), events: reaction.events, closing };
}

/**
 * The state of a stage when it continues, or starts.
 *
 * @param saved null: it starts with the first cycle
 * @param lastPublished its last closing in the log, if there is one
 */
export function stateToBeginWith<S>(
  stage: CyclicStage<S>,
  saved: { readonly cycle_end: SavedState['cycle_end']; readonly state: S } | null,
  lastPublished: Closing | null,
): S {
  if (saved === null) return stage.initial();
  return adopted(stage, saved.state, lastPublished?.data.end === saved.cycle_end ? lastPublished : null);
}

/** The part of a state worth keeping over restarts. */
export const stateToKeep = <S>(stage: CyclicStage<S>, state: S): S => (stage.keeps ? stage.keeps(state) : state);

const adopted = <S>(stage: CyclicStage<S>, state: S, published: Closing | null): S =>
  published !== null && stage.adopt ? stage.adopt(state, published) : state;
