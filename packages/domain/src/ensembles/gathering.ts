import {
  byCodePoint,
  type Cycle,
  type Instant,
  type PredictionEvent,
  type PredictionsCycleClosed,
  type RoundPredicted,
} from '@crunch-node/streams';

/** A round of a scope to which every partition has contributed. */
export interface GatheredRound {
  readonly scope_key: string;
  readonly performed_at: Instant;
  /** parts by the partitions that called their models, in order of partition: at least one */
  readonly predictions: readonly [RoundPredicted, ...RoundPredicted[]];
  /** end of the cycle before the one before its own, whose weights hold for it; null when there is none */
  readonly weights_by: Instant | null;
  /** start of its cycle; null: the first one, which began with the log */
  readonly cycle_start: Instant | null;
  /** the cycle before its own; null when there is none */
  readonly before: Cycle | null;
  /** its own cycle, where some partition had closed it by then; null: it was still open everywhere */
  readonly closed: Cycle | null;
}

interface OpenRound {
  readonly scope_key: string;
  readonly performed_at: Instant;
  readonly waitingFor: Set<number>;
  readonly published: RoundPredicted[];
}

/** State of {@link Gathering}, for saving. */
export interface KeptGathering {
  readonly ends: readonly Instant[];
  readonly closings: readonly Cycle[];
  readonly cycles: ReadonlyMap<Instant, ReadonlyMap<string, OpenRound>>;
}

/** Start of the first cycle, which began with the log. */
const BEGINNING = '';

/**
 * Joins the parts of a round that partitions publish separately. A round is complete once every partition has published
 * its part, skipped the round, or closed its cycle, so the result does not depend on the order of the partitions in the
 * log. Memory grows with the distance between the fastest and the slowest partition.
 */
export class Gathering {
  /** per partition: end of the last cycle it closed */
  readonly #ends: Instant[];
  /** by end: cycles some partition has closed and some round may still follow */
  readonly #closings: Map<Instant, Cycle>;
  /** the same by start */
  readonly #byStart: Map<Instant, Cycle>;
  /** start of a cycle → its open rounds */
  readonly #cycles: Map<Instant, Map<string, OpenRound>>;

  /** @param kept saved state to continue from; absent: the beginning of the log */
  constructor(partitions: number, kept?: KeptGathering) {
    this.#ends = kept === undefined ? new Array<Instant>(partitions).fill(BEGINNING) : [...kept.ends];
    this.#closings = new Map(kept?.closings.map((cycle) => [cycle.end, cycle]));
    this.#byStart = new Map(kept?.closings.map((cycle) => [cycle.start ?? BEGINNING, cycle]));
    this.#cycles = copyOf(kept?.cycles ?? new Map());
  }

  /** The state to save, from which a later instance can continue. */
  kept(): KeptGathering {
    return { ends: [...this.#ends], closings: [...this.#closings.values()], cycles: copyOf(this.#cycles) };
  }

  /** @returns rounds this event completed, in canonical order */
  take(event: PredictionEvent): readonly GatheredRound[] {
    if (event.type === 'CycleClosed') return this.#close(event);
    const { partition, performed_at, scope_key } = event.data;
    const start = this.#ends[partition];
    // Rounds of a cycle that their writer had already closed do not count.
    if (start === undefined || performed_at <= start) return [];
    const rounds = this.#cycles.get(start) ?? new Map<string, OpenRound>();
    this.#cycles.set(start, rounds);
    const key = `${performed_at} ${scope_key}`;
    const round = rounds.get(key) ?? this.#open(scope_key, performed_at);
    rounds.set(key, round);
    round.waitingFor.delete(partition);
    if (event.type === 'RoundPredicted') round.published.push(event);
    if (round.waitingFor.size > 0) return [];
    rounds.delete(key);
    return this.#gathered(round, start);
  }

  #open(scope_key: string, performed_at: Instant): OpenRound {
    const waitingFor = new Set<number>();
    for (const [partition, end] of this.#ends.entries()) if (end < performed_at) waitingFor.add(partition);
    return { scope_key, performed_at, waitingFor, published: [] };
  }

  #close({ data: { partition, start, end, config_hash } }: PredictionsCycleClosed): readonly GatheredRound[] {
    const last = this.#ends[partition];
    if (last === undefined || end <= last) return [];
    const key = start ?? BEGINNING;
    const cycle = { start, end, config_hash };
    this.#closings.set(end, cycle);
    this.#byStart.set(key, cycle);
    const complete: GatheredRound[] = [];
    for (const [id, round] of this.#cycles.get(key) ?? []) {
      round.waitingFor.delete(partition);
      if (round.waitingFor.size > 0) continue;
      this.#cycles.get(key)?.delete(id);
      complete.push(...this.#gathered(round, key));
    }
    this.#ends[partition] = end;
    this.#forget();
    return complete.sort(
      (a, b) => byCodePoint(a.performed_at, b.performed_at) || byCodePoint(a.scope_key, b.scope_key),
    );
  }

  #gathered({ scope_key, performed_at, published: parts }: OpenRound, cycleStart: Instant): readonly GatheredRound[] {
    const [first, ...others] = parts.sort((a, b) => a.data.partition - b.data.partition);
    if (first === undefined) return [];
    const before = this.#closings.get(cycleStart) ?? null;
    return [
      {
        scope_key,
        performed_at,
        predictions: [first, ...others],
        weights_by: before?.start ?? null,
        cycle_start: cycleStart === BEGINNING ? null : cycleStart,
        before,
        closed: this.#byStart.get(cycleStart) ?? null,
      },
    ];
  }

  /** Cycles all partitions have closed, but the last one: its start decides whose weights hold in the next. */
  #forget(): void {
    const closed = this.#ends.reduce((least, end) => (end < least ? end : least));
    for (const { start, end } of this.#closings.values()) {
      if (end >= closed) continue;
      this.#closings.delete(end);
      this.#byStart.delete(start ?? BEGINNING);
    }
    for (const start of this.#cycles.keys()) if (start < closed) this.#cycles.delete(start);
  }
}

const copyOf = (cycles: KeptGathering['cycles']): Map<Instant, Map<string, OpenRound>> =>
  new Map(
    [...cycles].map(([start, rounds]) => [
      start,
      new Map(
        [...rounds].map(([key, round]) => [
          key,
          { ...round, waitingFor: new Set(round.waitingFor), published: [...round.published] },
        ]),
      ),
    ]),
  );
