/** Calling functions that operators wrote: whatever they throw, return or change stays theirs. */
import { REASON_LIMIT, shortened } from './rounds/refused-output.ts';

/** The text of anything that was thrown, storable and of bounded length. Never throws itself. */
export const messageOf = (error: unknown): string => shortened(errorText(error), REASON_LIMIT);

/** The same at any length. */
export function errorText(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'it threw a value that has no text';
  }
}

/**
 * The result of a function.
 * @throws its errors, and a TypeError for a promise: stages are synchronous. The promise's rejection is handled.
 */
export function called<T>(call: () => T): T {
  const value = call();
  if (typeof value !== 'object' || value === null || !('then' in value)) return value;
  if (typeof value.then !== 'function') return value;
  value.then(undefined, () => undefined);
  throw new TypeError('expected a value, received a promise: the function cannot be async');
}
