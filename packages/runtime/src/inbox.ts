import { type Closing, type Cycle, type Event, feeds, isClosing, type StreamDefinition } from '@crunch-node/streams';
import type { Pulse } from './pulse.ts';

/** A cycle all inputs have closed, with everything they said about it. */
export interface ClosedCycle {
  readonly cycle: Cycle;
  readonly events: Event[];
}

interface Source {
  readonly address: string;
  readonly stream: string;
  /** `feeds.` covers a whole stream, `predictions.3` one writer of it */
  readonly prefix: string;
  open: Event[];
  readonly closed: ClosedCycle[];
  lastEnd: string;
}

/** Inputs of a stage disagree about what a cycle is: the log was written by two different pasts. */
export class CycleMismatch extends Error {
  override readonly name = 'CycleMismatch';
}

/** Cycles to have in hand before reading pauses; more than one keeps the reader ahead of the stage. */
const READ_AHEAD_CYCLES = 4;

/** Collects a partition's input per source until every source has closed the cycle. */
export class Inbox {
  readonly #sources: readonly Source[];
  readonly #pulse: Pulse;

  /** @param closingSubjects addresses of the closings to wait for */
  constructor(closingSubjects: readonly string[], pulse: Pulse) {
    this.#pulse = pulse;
    this.#sources = closingSubjects.map((address) => {
      const [noun = '', second = ''] = address.split('.');
      return {
        address,
        stream: noun.toUpperCase(),
        prefix: second === 'cycle' ? `${noun}.` : address,
        open: [],
        closed: [],
        lastEnd: '',
      };
    });
  }

  take(stream: StreamDefinition, natsSubject: string, event: Event): void {
    const source = this.#sources.find(
      (candidate) => candidate.stream === stream.name && covers(candidate.prefix, natsSubject),
    );
    if (source === undefined) return;
    if (isClosing(event)) {
      if (event.data.end <= source.lastEnd) return;
      source.closed.push({ cycle: cycleOf(event), events: source.open });
      source.open = [];
      source.lastEnd = event.data.end;
      this.#pulse.beat();
      return;
    }
    // An event of a cycle its writer has already closed does not count. Feed records are kept: late is their own matter.
    if (stream.name !== feeds.name && event.at <= source.lastEnd) return;
    source.open.push(event);
  }

  /** End of the newest cycle a source has closed; empty before the first. */
  get newest(): string {
    return this.#sources.reduce((newest, { lastEnd }) => (lastEnd > newest ? lastEnd : newest), '');
  }

  /** Addresses of the closings the next cycle still lacks. */
  get lacking(): readonly string[] {
    return this.#sources.filter(({ closed }) => closed.length === 0).map(({ address }) => address);
  }

  /** The next cycle all sources have closed; null when the signal aborted, or we are leaving. */
  async next(signal: AbortSignal, leaving?: AbortSignal): Promise<ClosedCycle | null> {
    const isDue = (): boolean => leaving?.aborted === true || this.#sources.every(({ closed }) => closed.length > 0);
    if (!(await this.#pulse.until(isDue, signal)) || leaving?.aborted) return null;
    const parts = this.#sources.map(({ closed }) => closed.shift()!);
    const [first] = parts as [ClosedCycle, ...ClosedCycle[]];
    for (const { cycle } of parts) {
      if (cycle.end !== first.cycle.end) {
        throw new CycleMismatch(`expected every input to close the cycle ${first.cycle.end}, received ${cycle.end}`);
      }
    }
    this.#pulse.beat();
    return { cycle: first.cycle, events: parts.length === 1 ? first.events : parts.flatMap(({ events }) => events) };
  }

  /** Whether this partition may soon not go on without reading more of the stream. */
  isHungryFor(stream: StreamDefinition): boolean {
    return this.#sources.some((source) => source.stream === stream.name && source.closed.length < READ_AHEAD_CYCLES);
  }
}

const covers = (prefix: string, natsSubject: string): boolean =>
  prefix.endsWith('.')
    ? natsSubject.startsWith(prefix)
    : natsSubject === prefix || natsSubject.startsWith(`${prefix}.`);

const cycleOf = ({ data: { start, end, config_hash } }: Closing): Cycle => ({ start, end, config_hash });
