import type { Recorded } from '@crunch-node/eventlog';
import type { Closing } from '@crunch-node/streams';
import type { Closings, KeptClosings } from '../prompt/closings.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import type { Consultation, Learned } from '../prompt/side-input.ts';
import type { Resumption, Seen } from './resume.ts';
import type { SavedState } from './saved-state.ts';
import type { Saver } from './saver.ts';

/** What is saved of a partition of a prompt stage, besides where it had read. */
interface Kept {
  readonly stage: unknown;
  readonly closings: KeptClosings | null;
  readonly known: Learned<unknown> | null;
}

/** What it saved of itself; null: nothing. */
export const keptOf = (saved: SavedState | null): Kept | null => (saved?.state ?? null) as Kept | null;

/** Of a partition that has looked at a closing, until that is out. */
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
 * Begins a state where a closing is looked at, and answers what completes it once that closing is out: by then more of
 * the input is planned, which is no part of it.
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
