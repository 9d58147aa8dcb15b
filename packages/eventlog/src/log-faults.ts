/** Errors in the state of a stream, not in what was appended. */

import { CrunchError } from '@crunch-node/streams/errors';

/** The stream begins later than 1. A warning: an operator may trim what an archive holds. */
export class LogFrontGone extends CrunchError {
  override readonly name = 'LogFrontGone';
  override readonly code = 'log_front_gone';
  readonly stream: string;
  readonly firstSequence: number;
  constructor(stream: string, firstSequence: number) {
    super(
      `expected stream ${stream} to begin with sequence 1 for a reader from the start, received ${firstSequence} as its ` +
        'first: what comes before is not read. If it was trimmed below an archive, the archive has it; if it was not ' +
        'trimmed, acknowledged events are lost: restore the stream from its archive, and see docs/reliability-servers.md',
    );
    this.stream = stream;
    this.firstSequence = firstSequence;
  }
}

/** A limit with which this server drops acknowledged events instead of refusing new ones. */
export class LimitUnsafe extends CrunchError {
  override readonly name = 'LimitUnsafe';
  override readonly code = 'limit_unsafe';
  readonly stream: string;
  readonly maxBytes: number;
  readonly version: string;
  constructor(stream: string, maxBytes: number, version: string, minimum: string) {
    super(
      `expected nats-server ${minimum} or newer for stream ${stream} with max_bytes ${maxBytes}, received ${version}, which ` +
        'can drop acknowledged events from the front of a stream that is full: upgrade the server, or take the limit away ' +
        `with \`nats stream edit ${stream} --max-bytes=-1\``,
    );
    this.stream = stream;
    this.maxBytes = maxBytes;
    this.version = version;
  }
}
