import type { Recorded } from '@crunch-node/eventlog';
import type { Closing } from '@crunch-node/streams';
import type { Closings, KeptClosings } from '../prompt/closings.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import type { Consultation, Learned } from '../prompt/side-input.ts';
import type { Resumption, Seen } from './resume.ts';
import type { SavedState } from './saved-state.ts';
import type { Saver } from './saver.ts';

/** What is saved of a partition of a prompt stage, besides its position. */
interface Kept {
  readonly stage: unknown;
  readonly closings: KeptClosings | null;
  readonly known: Learned<unknown> | null;
}

/** Its own saved state; null: none. */
export const keptOf = (saved: SavedState | null): Kept | null => (saved?.state ?? null) as Kept | null;

/** Of a partition that has processed a closing, until that is published. */
interface Planned {
  readonly stage: unknown;
  readonly closings: KeptClosings | null;
  readonly at: Seen;
}

export interface PromptSaving {
  readonly stage: PromptStage;
  /** absent: the input has one writer */
  readonly closings: Closings | undefined;
  readonly consultation: Consultation | undefined;
  readonly saver: Saver;
  readonly resumption: Resumption;
}

/**
 * Starts a state where a closing is processed, and returns a function that completes it once that closing is published:
 * by then more of the input is planned, which is not part of it.
 */
export function beginState(
  { stage, closings, consultation, saver, resumption }: PromptSaving,
  state: unknown,
  { event, sequence, stored_us = 0 }: Recorded,
): (own: Closing, closingSequence: number, state: unknown) => void {
  const planned: Planned = {
    stage: stage.keeping?.planned(state),
    closings: closings?.kept() ?? null,
    at: { sequence, message_id: event.id, stored_us },
  };
  return (own, closingSequence, stateAtClosing) => {
    const known = consultation?.kept() ?? null;
    const places = [resumption.placeIn(stage.input.name, planned.at)];
    if (stage.sideInput && known?.learnedTo) {
      places.push(resumption.placeIn(stage.sideInput.stream.name, known.learnedTo));
    }
    const kept: Kept = {
      stage: stage.keeping?.published(planned.stage, stateAtClosing),
      closings: planned.closings,
      known,
    };
    saver.offer({
      cycle_end: own.data.end,
      places: {
        ...Object.fromEntries(places.map((place) => [place.stream, place])),
        ...resumption.placeOfOwn(stage.stream.name, own, closingSequence),
      },
      closingSequence,
      state: kept,
    });
  };
}
