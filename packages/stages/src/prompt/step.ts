import { type Closing, type Event, isClosing } from '@crunch-node/streams';
import type { Closings } from './closings.ts';
import type { Knowledge } from './knowledge.ts';
import type { PromptStage } from './prompt-stage.ts';

/** The work an event causes, and the state after it. */
export interface Planned<S, W> {
  readonly state: S;
  /** null: none, or none that is not published yet */
  readonly work: W | null;
}

/** @param isPublished by id; `'all'` in a cycle that is closed already */
export function planned<S, W, A, K>(
  stage: PromptStage<S, W, A, K>,
  before: S,
  event: Event,
  isPublished: ((id: string) => boolean) | 'all',
): Planned<S, W> {
  const { state, work } = stage.plan(before, event);
  return { state, work: work === null || isPublished === 'all' ? null : stage.remaining(work, isPublished) };
}

/** The state including what the stage itself has published. */
export const remembering = <S, W, A, K>(
  stage: PromptStage<S, W, A, K>,
  state: S,
  published: readonly { readonly event: Event }[],
): S => published.reduce((known, { event }) => stage.remember(known, event), state);

/** The cycles an input completes, oldest first. @param closings absent: the input has one writer */
export const completedBy = (closings: Closings | undefined, natsSubject: string, event: Event): readonly Closing[] => {
  if (!isClosing(event)) return [];
  return closings === undefined ? [event] : closings.take(natsSubject, event);
};

export interface PromptStep<S> {
  readonly state: S;
  readonly events: readonly Event[];
}

/**
 * One event of a prompt stage from planning to the new state, for callers that process events sequentially. Live
 * operation has many of them in flight, and publishes before updating the state; it composes the same functions.
 *
 * @throws the reason of the signal, when it aborted while the stage asked
 */
export async function promptStep<S, W, A, K>(
  stage: PromptStage<S, W, A, K>,
  before: S,
  event: Event,
  { knowledge, signal }: { readonly knowledge: Knowledge<K>; readonly signal: AbortSignal },
): Promise<PromptStep<S>> {
  const { state, work } = planned(stage, before, event, () => false);
  if (work === null) return { state, events: [] };
  const answers = await stage.ask(work, state, signal, knowledge);
  signal.throwIfAborted();
  const published = stage.record(work, answers);
  return { state: remembering(stage, state, published), events: published.map((one) => one.event) };
}
