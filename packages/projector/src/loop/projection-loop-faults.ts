import { LogClosed, LogHasGap, LogWentBackwards } from '@crunch-node/eventlog';
import { CrunchError } from '@crunch-node/streams/errors';
import type { Position } from '../position/position.ts';
import {
  LogRewritten,
  LogShorterThanPosition,
  LogTrimmedBeyondPosition,
  StreamRecreated,
} from '../position/position-faults.ts';

/** A well-formed event that cannot be turned into rows. Skipping it would leave an unnoticed gap. */
export class ApplyFailed extends CrunchError {
  override readonly name = 'ApplyFailed';
  override readonly code = 'apply_failed';
  readonly projection: string;
  readonly sequence: number;
  readonly eventId: string;
  constructor(projection: string, sequence: number, eventId: string, cause: unknown) {
    super(
      `projection ${projection} cannot apply ${eventId} at sequence ${sequence}: ${textOf(cause)}; it waits before ` +
        'that event and continues from there with code that can',
      { cause },
    );
    this.projection = projection;
    this.sequence = sequence;
    this.eventId = eventId;
  }
}

/** Postgres is available and refuses the rows: an unexpected table, a value out of range, a missing permission. */
export class WriteRefused extends CrunchError {
  override readonly name = 'WriteRefused';
  override readonly code = 'write_refused';
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
 * Faults that retrying cannot fix: the projection halts, and reports it. Rows of another version are not among them:
 * the projection waits, since a concurrent replay may bring or restore the right ones.
 */
export const isFinal = (error: unknown): boolean => FINAL.some((fault) => error instanceof fault);
