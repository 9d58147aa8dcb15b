import { LogClosed, LogHasGap, LogWentBackwards } from '@crunch-node/eventlog';
import type { Position } from '../position/position.ts';
import {
  LogRewritten,
  LogShorterThanPosition,
  LogTrimmedBeyondPosition,
  StreamRecreated,
} from '../position/position-faults.ts';

/** A well-formed event our code cannot turn into rows. Skipping it would leave a gap nobody sees. */
export class ApplyFailed extends Error {
  override readonly name = 'ApplyFailed';
  readonly projection: string;
  readonly sequence: number;
  readonly eventId: string;
  constructor(projection: string, sequence: number, eventId: string, cause: unknown) {
    super(
      `projection ${projection} cannot apply ${eventId} at sequence ${sequence}: ${textOf(cause)}; it waits before ` +
        'that event and goes on from there with code that can',
      { cause },
    );
    this.projection = projection;
    this.sequence = sequence;
    this.eventId = eventId;
  }
}

/** Postgres is there and refuses the rows: another table than expected, a value it does not take, no permission. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';
  readonly position: Position;
  constructor(position: Position, cause: unknown) {
    super(
      `Postgres refused what projection ${position.projection} writes after sequence ${position.sequence} of ` +
        `${position.stream}: ${textOf(cause)}`,
      { cause },
    );
    this.position = position;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const FINAL = [
  ApplyFailed,
  WriteRefused,
  StreamRecreated,
  LogShorterThanPosition,
  LogRewritten,
  LogTrimmedBeyondPosition,
  LogWentBackwards,
  LogHasGap,
  LogClosed,
];

/**
 * Faults that trying again cannot mend: the projection halts, and says so. Rows of another version are none: they are
 * waited for, since a replay beside us brings them, or brings them back.
 */
export const isFinal = (error: unknown): boolean => FINAL.some((fault) => error instanceof fault);
