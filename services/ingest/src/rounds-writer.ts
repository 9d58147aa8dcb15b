import type { LogLookup, Publisher } from '@crunch-node/eventlog';
import { beginTrace } from '@crunch-node/service';
import {
  addSeconds,
  type FeedsCycleClosed,
  feeds,
  type Instant,
  type RoundEvent,
  RoundsCycleClosed,
  rounds,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

const CLOSINGS = rounds.closingSubject();

/** ROUNDS cannot take over in the middle: stages would wait for cycles that it never closed. */
export class RoundsBeganLate extends CrunchError {
  override readonly name = 'RoundsBeganLate';
  override readonly code = 'rounds_began_late';
  constructor(expected: Instant | null, received: Instant | null) {
    super(
      `expected ROUNDS to have closed every cycle to ${expected ?? 'the beginning'}, it has closed to ${received ?? 'none'}: ` +
        'this log was written by a competition with a feed; start the tournament as a new deployment (another CRUNCH_NAMESPACE or data folder)',
    );
  }
}

/** The only writer of ROUNDS: requests, and the closings of FEEDS after them. Used by one caller at a time. */
export class RoundsWriter {
  readonly #publisher: Publisher;
  readonly #log: LogLookup;
  #closingSequence: number;
  #closedTo: Instant | null;

  /** Forwards the closing an earlier owner had no time to forward. @throws {RoundsBeganLate} */
  static async open(log: LogLookup, publisher: Publisher): Promise<RoundsWriter> {
    const closingSequence = await log.lastSequence(rounds, CLOSINGS);
    const [closingOfFeeds, last] = await Promise.all([
      log.last(feeds, feeds.closingSubject()),
      log.last(rounds, CLOSINGS),
    ]);
    const closedTo = last?.event.type === 'CycleClosed' ? last.event.data.end : null;
    const writer = new RoundsWriter(log, publisher, closingSequence, closedTo);
    const closing = closingOfFeeds?.event as FeedsCycleClosed | undefined;
    if (closing === undefined || closing.data.end === closedTo) return writer;
    if (closing.data.start !== closedTo) throw new RoundsBeganLate(closing.data.start, closedTo);
    await writer.close(closing);
    return writer;
  }

  private constructor(log: LogLookup, publisher: Publisher, closingSequence: number, closedTo: Instant | null) {
    this.#log = log;
    this.#publisher = publisher;
    this.#closingSequence = closingSequence;
    this.#closedTo = closedTo;
  }

  /** Last sequence on the subject of a round, which the next append has to follow; that message may be unreadable. */
  async standing(natsSubject: string): Promise<{
    readonly newest: { readonly event: RoundEvent; readonly sequence: number } | null;
    readonly after: number;
  }> {
    const after = await this.#log.lastSequence(rounds, natsSubject);
    return { newest: after === 0 ? null : await this.#log.last(rounds, natsSubject), after };
  }

  /**
   * The timestamp of a request: inside the open cycle together with all of its samples, which are a microsecond apart.
   * @param end of the open cycle
   */
  momentOf(now: Instant, end: Instant, samples: number): Instant {
    const last = addSeconds(end, -samples / 1e6);
    const moment = now < last ? now : last;
    if (this.#closedTo === null || moment > this.#closedTo) return moment;
    return addSeconds(this.#closedTo, 1e-6);
  }

  /** @throws {FencedError} another owner is at work */
  async publish(event: Exclude<RoundEvent, RoundsCycleClosed>, natsSubject: string, after: number): Promise<number> {
    const { sequence } = await this.#publisher.append(rounds, {
      event,
      natsSubject,
      expectedLastSequence: after,
      traceparent: beginTrace(event.id),
    });
    return sequence;
  }

  /** Forwards a closing of FEEDS. */
  async close({ data: { start, end, config_hash } }: FeedsCycleClosed): Promise<void> {
    const event = RoundsCycleClosed.at(end, { start, end, config_hash });
    const { sequence } = await this.#publisher.append(rounds, {
      event,
      natsSubject: CLOSINGS,
      expectedLastSequence: this.#closingSequence,
    });
    this.#closingSequence = sequence;
    this.#closedTo = end;
  }
}
