import { CrunchError } from '@crunch-node/streams/errors';

/** A state of a stage could not be saved; nothing depends on it. */
export class StateNotSaved extends CrunchError {
  override readonly name = 'StateNotSaved';
  override readonly code = 'state_not_saved';
  readonly stream: string;
  constructor(stream: string, reason: string) {
    super(`expected room for a saved state in ${stream}, but ${reason}`);
    this.stream = stream;
  }
}
