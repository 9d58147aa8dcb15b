import { freshnessHeaders, WRITTEN } from '../freshness/standing.ts';
import { THINNED } from '../http/thinned.ts';

/** Headers pages of other origins may read besides the body: every header that is documented. */
export const EXPOSED_HEADERS: readonly string[] = [
  'ETag',
  'Retry-After',
  'WWW-Authenticate',
  'Allow',
  'Link',
  'Location',
  'Content-Range',
  'Content-Length',
  'Content-Encoding',
  'Last-Modified',
  'Accept-Ranges',
  'Content-Disposition',
  'X-Row-Count',
  'X-Row-Limit',
  'X-Next-Start',
  'X-Unreadable-Files',
  ...Object.keys(freshnessHeaders),
  WRITTEN,
  THINNED,
];
