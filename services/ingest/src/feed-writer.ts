import { AppendRefused, crashPoint, type LogLookup, type LogReader, type Publisher } from '@crunch-node/eventlog';
import { beginTrace } from '@crunch-node/service';
import { readPublishedTails } from '@crunch-node/stages';
import {
  addSeconds,
  type Event,
  type FeedRecorded,
  FeedsCycleClosed,
  feedNatsSubject,
  feeds,
  type Instant,
  type Observations,
} from '@crunch-node/streams';
import type { Bounds } from './closing.ts';

const CLOSINGS = feeds.closingSubject();
const SECONDS_A_DAY = 86_400;

/** The configuration in force when a cycle is closed. */
export interface ClosedUnder {
  readonly configHash: string;
  /** absent: tables keep all records */
  readonly recordTtlDays?: number | undefined;
}

/**
 * The only writer of FEEDS. Records are stored in the order they are given: one record per feed in flight, several
 * feeds in parallel, a closing only after everything before it is stored. Every publish is fenced by the last sequence
 * of its NATS subject.
 */
export class FeedWriter {
  readonly #log: LogLookup;
  readonly #publisher: Publisher;
  /** ids in the open cycle published by an earlier owner */
  readonly #published: Set<string>;
  readonly #sequences: Map<string, number>;
  readonly #onTheWay = new Map<string, Promise<unknown>>();
  /** settles when everything before is in flight: the feed and commands take turns */
  #turn: Promise<unknown> = Promise.resolve();
  #closedTo: Instant | null;
  #fault: Error | undefined;
  #fail!: (fault: Error) => void;
  /** Rejects on the first append that fails; never resolves. */
  readonly failed: Promise<never>;

  static async open(log: LogReader & LogLookup, publisher: Publisher, signal: AbortSignal): Promise<FeedWriter> {
    const everything = { stream: feeds, closingSubject: CLOSINGS, owns: () => true };
    const [tail] = await readPublishedTails(log, [everything], signal);
    const last = tail?.lastClosing?.event as FeedsCycleClosed | undefined;
    return new FeedWriter(
      log,
      publisher,
      new Set(tail?.published),
      new Map(tail?.lastSequences),
      last?.data.end ?? null,
    );
  }

  private constructor(
    log: LogLookup,
    publisher: Publisher,
    published: Set<string>,
    sequences: Map<string, number>,
    closedTo: Instant | null,
  ) {
    this.#log = log;
    this.#publisher = publisher;
    this.#published = published;
    this.#sequences = sequences;
    this.#closedTo = closedTo;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  /** End of the last cycle that was closed. */
  get closedTo(): Instant | null {
    return this.#closedTo;
  }

  /** Whether it was already published in the open cycle before this writer began. */
  isPublished(id: string): boolean {
    return this.#published.has(id);
  }

  /**
   * Resolves when the record is in flight, behind the one before it of its feed.
   * @param refused called instead of a failure when this one record can never be stored
   */
  async record(event: FeedRecorded, obs: Observations, refused: (error: Error) => void): Promise<void> {
    await this.#inTurn(() => this.#send(feedNatsSubject(event.data), event, obs, refused));
  }

  /**
   * Stores a record that does not come from the feed, at the end of its feed.
   * @returns its sequence
   * @throws {AppendRefused | RangeError} this one record can never be stored; anything else ends the writer
   */
  async append(event: FeedRecorded): Promise<number> {
    let refusal: Error | undefined;
    const { stored } = await this.#inTurn(() =>
      this.#send(feedNatsSubject(event.data), event, undefined, (error) => {
        refusal = error;
      }),
    );
    const sequence = await stored;
    if (sequence === null) throw refusal ?? this.#fault ?? new Error(`expected ${event.id} to be stored`);
    this.#published.add(event.id);
    return sequence;
  }

  /** Resolves when everything before it is stored and the closing is in flight. */
  async close({ start, end }: Bounds, { configHash, recordTtlDays }: ClosedUnder): Promise<void> {
    await this.#inTurn(() => this.#close({ start, end }, { configHash, recordTtlDays }));
  }

  async #close({ start, end }: Bounds, { configHash, recordTtlDays }: ClosedUnder): Promise<void> {
    await this.settled();
    crashPoint('cycle-published');
    const kept =
      recordTtlDays === undefined ? {} : { records_kept_from: addSeconds(end, -recordTtlDays * SECONDS_A_DAY) };
    await this.#send(CLOSINGS, FeedsCycleClosed.at(end, { start, end, config_hash: configHash, ...kept }));
    this.#closedTo = end;
    this.#published.clear();
  }

  /** Resolves when everything given so far is stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#onTheWay.values());
    if (this.#fault) throw this.#fault;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Resolves when it is in flight. `stored`: its sequence once it is stored, null when it is not. */
  async #send(
    natsSubject: string,
    event: Event,
    obs?: Observations,
    refused?: (error: Error) => void,
  ): Promise<{ readonly stored: Promise<number | null> }> {
    await this.#onTheWay.get(natsSubject);
    const expectedLastSequence = this.#sequences.get(natsSubject) ?? (await this.#log.lastSequence(feeds, natsSubject));
    if (this.#fault) throw this.#fault;
    const stored = this.#publisher
      .append(feeds, {
        event,
        natsSubject,
        expectedLastSequence,
        ...(obs && { obs, traceparent: beginTrace(event.id) }),
      })
      .then(({ sequence }) => {
        this.#sequences.set(natsSubject, sequence);
        return sequence;
      })
      .catch((fault: Error) => {
        // Where nothing may be published, the closing behind it fails.
        if (refused !== undefined && isOfOneMessage(fault)) refused(fault);
        else {
          this.#fault ??= fault;
          this.#fail(fault);
        }
        return null;
      });
    this.#onTheWay.set(natsSubject, stored);
    return { stored };
  }
}

/** The message is at fault: too large for the server, or its id is no header value. */
const isOfOneMessage = (fault: Error): boolean => fault instanceof AppendRefused || fault instanceof RangeError;
