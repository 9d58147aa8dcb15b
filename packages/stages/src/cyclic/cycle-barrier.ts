import type { Notifier } from '@crunch-node/service';
import {
  type Closing,
  type Cycle,
  type Event,
  feeds,
  isClosing,
  type StreamDefinition,
  streamCapturing,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { covers, prefixOf } from '../publish/addresses.ts';
import type { Traces } from '../saved-state/saved-state.ts';

/** A cycle that all inputs have closed, with all their events of it. */
export interface ClosedCycle {
  readonly cycle: Cycle;
  readonly events: Event[];
}

/** A cycle with the places of its closings. */
export interface PlacedCycle extends ClosedCycle {
  /** by their address; empty when the reader passed no places */
  readonly closings: Readonly<Record<string, ClosingPlace>>;
}

export interface ClosingPlace {
  readonly stream: string;
  readonly sequence: number;
  readonly message_id: string;
  readonly stored_us: number;
}

/** The place of an event in its stream, and the length of its text. */
export interface EventPlace {
  readonly sequence: number;
  readonly bytes: number;
  /** unix microseconds, by the server */
  readonly stored_us?: number | undefined;
  readonly traceparent?: string | undefined;
}

/** One writer the barrier waits for. */
export interface Source {
  readonly address: string;
  readonly stream: string;
  /** sequence of the last event accepted; reading continues after it */
  readonly takenTo: number;
  /** it was at its limit and was passed by: it needs a reader of its own until it has caught up */
  readonly isBehind: boolean;
  readonly hasRoom: boolean;
}

interface Intake extends Source {
  /** `feeds.` covers a whole stream, `predictions.3` one writer of it */
  readonly prefix: string;
  open: Event[];
  openBytes: number;
  readonly closed: (ClosedCycle & { readonly bytes: number; readonly at: ClosingPlace | null })[];
  heldBytes: number;
  lastEnd: string;
  takenTo: number;
  isBehind: boolean;
}

/** The inputs of a stage have different cycles: the log is inconsistent. */
export class CycleMismatch extends CrunchError {
  override readonly name = 'CycleMismatch';
  override readonly code = 'cycle_mismatch';
}

/** Complete cycles to buffer before reading pauses; more than one keeps the reader ahead of the stage. */
const READ_AHEAD_CYCLES = 4;

/** Limit per source before it is passed by for others that need to read on; a cycle it lacks is accepted regardless. */
export interface InboxLimits {
  readonly maxCycles: number;
  readonly maxBytes: number;
}

const LIMITS: InboxLimits = { maxCycles: 1_000, maxBytes: 4 * 1024 * 1024 };

/** Collects a partition's input per source until every source has closed the cycle. */
export class CycleBarrier {
  readonly #sources: readonly Intake[];
  readonly #notifier: Notifier;
  readonly #limits: InboxLimits;
  readonly #traces = new Map<string, string>();
  readonly #keepsTraceOf: ((event: Event) => boolean) | undefined;

  /**
   * @param closingSubjects addresses of the closings to wait for, in these streams
   * @param keepsTraceOf events whose trace will be requested, each once
   */
  constructor(
    closingSubjects: readonly string[],
    inputs: readonly StreamDefinition[],
    notifier: Notifier,
    limits: InboxLimits = LIMITS,
    keepsTraceOf?: (event: Event) => boolean,
  ) {
    this.#notifier = notifier;
    this.#keepsTraceOf = keepsTraceOf;
    this.#limits = limits;
    this.#sources = closingSubjects.map((address) => {
      return {
        address,
        stream: nameCapturing(inputs, address),
        prefix: prefixOf(address),
        open: [],
        openBytes: 0,
        closed: [],
        heldBytes: 0,
        lastEnd: '',
        takenTo: 0,
        isBehind: false,
        get hasRoom() {
          return (
            this.closed.length === 0 || (this.closed.length < READ_AHEAD_CYCLES && this.heldBytes < limits.maxBytes)
          );
        },
      };
    });
  }

  /**
   * @param place absent: the caller bounds what is held
   * @param by the source a reader of its own serves; otherwise sources that were passed by accept nothing
   */
  take(stream: StreamDefinition, natsSubject: string, event: Event, place?: EventPlace, by?: Source): void {
    const source = this.#sources.find(
      (candidate) => candidate.stream === stream.name && covers(candidate.prefix, natsSubject),
    );
    if (source === undefined || (by === undefined ? source.isBehind : by !== source)) return;
    if (place !== undefined) {
      if (place.sequence <= source.takenTo) return;
      if (by === undefined && this.#isFull(source)) {
        source.isBehind = true;
        return;
      }
      source.takenTo = place.sequence;
      source.heldBytes += place.bytes;
      source.openBytes += place.bytes;
    }
    if (isClosing(event)) {
      if (event.data.end <= source.lastEnd) return;
      const at = place && {
        stream: stream.name,
        sequence: place.sequence,
        message_id: event.id,
        stored_us: place.stored_us ?? 0,
      };
      source.closed.push({ cycle: cycleOf(event), events: source.open, bytes: source.openBytes, at: at ?? null });
      source.open = [];
      source.openBytes = 0;
      source.lastEnd = event.data.end;
      this.#notifier.notify();
      return;
    }
    // An event of a cycle its writer has already closed is ignored. Feed records are kept: whether they are late is
    // decided elsewhere.
    if (stream.name !== feeds.name && event.at <= source.lastEnd) return;
    source.open.push(event);
    if (place?.traceparent !== undefined && this.#keepsTraceOf?.(event)) this.#traces.set(event.id, place.traceparent);
  }

  /** Ignores cycles that ended by then. @param closings where they ended, by address */
  beginAfter(end: string, closings: Readonly<Record<string, Pick<ClosingPlace, 'sequence'>>>): void {
    for (const source of this.#sources) {
      source.lastEnd = end;
      source.takenTo = closings[source.address]?.sequence ?? 0;
    }
  }

  /** The trace context of an input; known once, since the only event it causes ends it. */
  traceOf(id: string): string | undefined {
    const traceparent = this.#traces.get(id);
    this.#traces.delete(id);
    return traceparent;
  }

  /** Trace contexts that were not asked for yet, also of cycles that are read ahead. */
  tracesKept(): Traces {
    return [...this.#traces];
  }

  /** Those of inputs that were taken before a restart. */
  keepTraces(traces: Traces): void {
    for (const [id, traceparent] of traces) this.#traces.set(id, traceparent);
  }

  #isFull({ closed, heldBytes }: Intake): boolean {
    const { maxCycles, maxBytes } = this.#limits;
    return closed.length > 0 && (closed.length >= maxCycles || heldBytes >= maxBytes);
  }

  /** Sources that were passed by. */
  behind(stream: StreamDefinition): readonly Source[] {
    return this.#sources.filter((source) => source.stream === stream.name && source.isBehind);
  }

  /** The shared reader is no further than this source: the source follows it again. */
  caughtUp(source: Source): void {
    (source as Intake).isBehind = false;
    this.#notifier.notify();
  }

  /** End of the newest cycle a source has closed; empty before the first. */
  get newest(): string {
    return this.#sources.reduce((newest, { lastEnd }) => (lastEnd > newest ? lastEnd : newest), '');
  }

  /** Addresses of the closings the next cycle still lacks. */
  get lacking(): readonly string[] {
    return this.#sources.filter(({ closed }) => closed.length === 0).map(({ address }) => address);
  }

  /** Bytes of text of the buffered events. */
  get heldBytes(): number {
    return this.#sources.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  }

  /** The next cycle all sources have closed; null when the signal aborted, or the partition is being given up. */
  async next(signal: AbortSignal, handover?: AbortSignal): Promise<PlacedCycle | null> {
    const isDue = (): boolean => handover?.aborted === true || this.#sources.every(({ closed }) => closed.length > 0);
    if (!(await this.#notifier.until(isDue, signal)) || handover?.aborted) return null;
    const parts = this.#sources.map((source) => {
      const part = source.closed.shift()!;
      source.heldBytes -= part.bytes;
      return part;
    });
    const first: ClosedCycle = parts[0]!;
    for (const { cycle } of parts) {
      if (cycle.end !== first.cycle.end) {
        throw new CycleMismatch(`expected every input to close the cycle ${first.cycle.end}, received ${cycle.end}`);
      }
    }
    this.#notifier.notify();
    const events = parts.length === 1 ? first.events : parts.flatMap((part) => part.events);
    const closings = parts.flatMap(({ at }, i) => (at === null ? [] : [[this.#sources[i]!.address, at] as const]));
    return { cycle: first.cycle, events, closings: Object.fromEntries(closings) };
  }

  /** Whether this partition will soon need more of the stream to continue. */
  isHungryFor(stream: StreamDefinition): boolean {
    return this.#sources.some((source) => source.stream === stream.name && !source.isBehind && source.hasRoom);
  }
}

const cycleOf = ({ data: { start, end, config_hash } }: Closing): Cycle => ({ start, end, config_hash });

function nameCapturing(inputs: readonly StreamDefinition[], address: string): string {
  const stream = streamCapturing(inputs, address);
  if (stream !== undefined) return stream.name;
  throw new RangeError(
    `expected ${address} in ${inputs.map(({ name }) => name).join(', ')}, none of which captures it`,
  );
}
