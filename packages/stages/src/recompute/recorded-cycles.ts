import { isDeepStrictEqual } from 'node:util';
import { type Event, isClosing } from '@crunch-node/streams';

/** An event that differs from what the stage computes from the same inputs. */
export interface Difference {
  readonly kind: 'missing' | 'unexpected' | 'different';
  readonly event_id: string;
  readonly cycle_end: string;
  readonly recomputed: Event | null;
  readonly recorded: Event | null;
}

export const SHOWN = 20;

export interface Verdict {
  readonly stream: string;
  readonly cycles: number;
  readonly events: number;
  /** total number; the first of them are in `first` */
  readonly differences: number;
  readonly first: readonly Difference[];
}

/** The recorded events of a writer, cycle by cycle, the closing last. */
export class RecordedCycles {
  readonly #closed: Event[][] = [];
  #open: Event[] = [];

  get next(): readonly Event[] | undefined {
    return this.#closed[0];
  }

  take(event: Event): void {
    this.#open.push(event);
    if (!isClosing(event)) return;
    this.#closed.push(this.#open);
    this.#open = [];
  }

  shift(): readonly Event[] {
    return this.#closed.shift() ?? [];
  }
}

/** By id. An id recorded twice in a cycle is unexpected the second time. */
export function* differencesOf(
  cycle_end: string,
  recomputed: readonly Event[],
  recorded: readonly Event[],
): Generator<Difference> {
  const byId = new Map<string, Event>();
  for (const event of recorded) {
    if (!byId.has(event.id)) byId.set(event.id, event);
    else yield { kind: 'unexpected', event_id: event.id, cycle_end, recomputed: null, recorded: event };
  }
  for (const event of recomputed) {
    const publishedBefore = byId.get(event.id) ?? null;
    byId.delete(event.id);
    if (publishedBefore === null)
      yield { kind: 'missing', event_id: event.id, cycle_end, recomputed: event, recorded: null };
    else if (!isSame(event, publishedBefore)) {
      yield { kind: 'different', event_id: event.id, cycle_end, recomputed: event, recorded: publishedBefore };
    }
  }
  for (const event of byId.values()) {
    yield { kind: 'unexpected', event_id: event.id, cycle_end, recomputed: null, recorded: event };
  }
}

/** As JSON: without absent fields, with JSON's number format. Unchanged code writes members in the same order. */
function isSame(event: Event, publishedBefore: Event): boolean {
  const text = JSON.stringify(event);
  return text === JSON.stringify(publishedBefore) || isDeepStrictEqual(JSON.parse(text), publishedBefore);
}
