/** Errors of copying a stream into another. */

import { CrunchError } from '@crunch-node/streams/errors';

/** Another writer has appended there: a copy has to start from an empty stream. */
export class StreamInUse extends CrunchError {
  override readonly name = 'StreamInUse';
  override readonly code = 'stream_in_use';
  readonly stream: string;
  readonly messages: number;
  constructor(stream: string, messages: number) {
    super(
      `expected stream ${stream} to be empty, received ${messages} messages: choose another server or CRUNCH_NAMESPACE`,
    );
    this.stream = stream;
    this.messages = messages;
  }
}

/** The result would differ from the original. */
export class CopyDiffers extends CrunchError {
  override readonly name = 'CopyDiffers';
  override readonly code = 'copy_differs';
  readonly stream: string;
  readonly sequence: number;
  constructor(stream: string, sequence: number, reason: string) {
    super(
      `expected stream ${stream} to take message ${sequence} at its place, but ${reason}: begin again with a stream that ` +
        'does not exist (one that begins later than 1 needs nats-server 2.10), without any other writer',
    );
    this.stream = stream;
    this.sequence = sequence;
  }
}
