import { FeedUnusable } from '../../rows/index.ts';
import { type CollectionSettings, masked } from './settings.ts';

/** Change streams are not there: a standalone server, an old one, a service that lacks them. */
const NOT_SUPPORTED = new Set([40573, 40324, 303, 115, 160]);
/** Not this user, not this password. */
const NOT_ALLOWED = new Set([13, 18]);

/** An error of the driver without credentials in it; {@link FeedUnusable} when trying again is no use. */
export function explained(error: unknown, settings: CollectionSettings): Error {
  if (error instanceof FeedUnusable) return error;
  const { code, message = String(error), name } = error as { code?: number; message?: string; name?: string };
  const text = masked(message, settings.uri);
  if (code !== undefined && NOT_SUPPORTED.has(code)) {
    return new FeedUnusable(
      `MongoDB has no change streams here (${code}: ${text}): set listen_mode to poll, or use a replica set`,
    );
  }
  if (code !== undefined && NOT_ALLOWED.has(code)) {
    return new FeedUnusable(
      `MongoDB does not let us read ${settings.database}.${settings.collection} (${code}: ${text}): check mongodb_uri`,
    );
  }
  // A new one: the driver's may carry the address in fields of its own.
  return new Error(`${name ?? 'Error'}: ${text}${code === undefined ? '' : ` (${code})`}`);
}
