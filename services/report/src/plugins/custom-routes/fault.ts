/** A file of custom routes cannot be used: the API does not start without it. */
export class CustomRoutesFault extends Error {
  override readonly name = 'CustomRoutesFault';
  /** file, or `module:attribute` */
  readonly source: string;
  constructor(source: string, expected: string, received: string, cause?: unknown) {
    super(`custom routes ${source}: expected ${expected}, received ${received}; mend it, or put _ before its name`, {
      cause,
    });
    this.source = source;
  }
}
