/** A state of a stage could not be saved; nothing depends on it. */
export class StateNotSaved extends Error {
  override readonly name = 'StateNotSaved';
  readonly stream: string;
  constructor(stream: string, reason: string) {
    super(`expected room for a saved state in ${stream}, but ${reason}`);
    this.stream = stream;
  }
}
