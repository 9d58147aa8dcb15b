import { CrunchError } from '@crunch-node/streams/errors';

/** A file of custom routes cannot be used: the API does not start without it. */
export class CustomRoutesFault extends CrunchError {
  override readonly name = 'CustomRoutesFault';
  override readonly code = 'custom_routes_fault';
  /** file, or `module:attribute` */
  readonly source: string;
  constructor(source: string, expected: string, received: string, cause?: unknown) {
    super(`custom routes ${source}: expected ${expected}, received ${received}; mend it, or put _ before its name`, {
      cause,
    });
    this.source = source;
  }
}
