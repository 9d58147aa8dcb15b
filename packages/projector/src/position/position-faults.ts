import { CrunchError } from '@crunch-node/streams/errors';
import type { Position } from './position.ts';

const rebuild = (projection: string): string =>
  `its rows no longer follow from the log: rebuild them from what it holds with \`crunch-node replay ${projection} --accept\``;

/** Another process moved the position: this process is not the only one running the projection. */
export class PositionMoved extends CrunchError {
  override readonly name = 'PositionMoved';
  override readonly code = 'position_moved';
  readonly position: Position;
  constructor(position: Position) {
    super(
      `expected projection ${position.projection} to stand at sequence ${position.sequence} of ${position.stream}, ` +
        'but its position was moved by another process: reload and go on from there',
    );
    this.position = position;
  }
}

/** The stream is not the one the rows were made from. */
export class StreamRecreated extends CrunchError {
  override readonly name = 'StreamRecreated';
  override readonly code = 'stream_recreated';
  readonly position: Position;
  readonly created: string;
  constructor(position: Position, created: string) {
    super(
      `expected stream ${position.stream} created at ${position.created}, as recorded by projection ` +
        `${position.projection}, received one created at ${created}; ${rebuild(position.projection)}`,
    );
    this.position = position;
    this.created = created;
  }
}

/** The log lost its end: the server acknowledges before it syncs to disk. */
export class LogShorterThanPosition extends CrunchError {
  override readonly name = 'LogShorterThanPosition';
  override readonly code = 'log_shorter_than_position';
  readonly position: Position;
  readonly lastSequence: number;
  constructor(position: Position, lastSequence: number) {
    super(
      `expected stream ${position.stream} to reach sequence ${position.sequence}, where projection ` +
        `${position.projection} is, but it ends at ${lastSequence}; ${rebuild(position.projection)}`,
    );
    this.position = position;
    this.lastSequence = lastSequence;
  }
}

/** The log lost its end and has grown again: the same sequence, another message. */
export class LogRewritten extends CrunchError {
  override readonly name = 'LogRewritten';
  override readonly code = 'log_rewritten';
  readonly position: Position;
  readonly messageId: string | null;
  constructor(position: Position, messageId: string | null) {
    super(
      `expected message ${JSON.stringify(position.message_id)} at sequence ${position.sequence} of ${position.stream}, ` +
        `received ${JSON.stringify(messageId)}; ${rebuild(position.projection)}`,
    );
    this.position = position;
    this.messageId = messageId;
  }
}

/** The log was trimmed beyond the position: events in between were never handled. */
export class LogTrimmedBeyondPosition extends CrunchError {
  override readonly name = 'LogTrimmedBeyondPosition';
  override readonly code = 'log_trimmed_beyond_position';
  readonly position: Position;
  readonly firstSequence: number;
  constructor(position: Position, firstSequence: number) {
    super(
      `expected sequence ${position.sequence + 1} of ${position.stream} next for projection ${position.projection}, ` +
        `but the stream begins at ${firstSequence}: restore the missing part from its archive, or accept the loss with ` +
        `\`crunch-node replay ${position.projection} --accept\``,
    );
    this.position = position;
    this.firstSequence = firstSequence;
  }
}

/** The tables were made by another version of the projection: it waits, since a replay brings the right one. */
export class ProjectionVersionChanged extends CrunchError {
  override readonly name = 'ProjectionVersionChanged';
  override readonly code = 'projection_version_changed';
  readonly position: Position;
  readonly version: number;
  constructor(position: Position, version: number) {
    super(
      `expected rows of projection ${position.projection} version ${version}, found version ${position.version}: ` +
        (position.version < version
          ? `build the new ones, while these are served, with \`crunch-node replay ${position.projection}\``
          : `run the newer release, or go back with \`crunch-node replay --rollback ${position.projection}\``),
    );
    this.position = position;
    this.version = version;
  }
}
