/** Reading a configuration some of whose parts are known to be wrong. */

/** A check of a configuration: its faults, and further checks. Each is run by itself. */
export type Check = () => readonly (string | Check)[];

/** Thrown and caught here alone: it ends a check. */
const readsFault = new Error('a check read a faulty part');

/**
 * The value, of which reading a faulty part ends the check that reads it: `attempt` then gives no faults, since those
 * it would find may be false. So each check runs as soon as what it reads is right, without a list of what that is.
 * @param faulty paths as `schemaFaults` writes them
 */
export function soundParts<T extends object>(
  value: T,
  faulty: readonly string[],
): { readonly config: T; readonly attempt: (check: Check) => string[] } {
  const wrong = new Set(faulty);
  const view = (part: object, path: string): object =>
    new Proxy(part, {
      get(target, key) {
        const read: unknown = Reflect.get(target, key);
        if (typeof key === 'symbol' || !Object.hasOwn(target, key)) {
          if (typeof key === 'string' && wrong.has(within(path, key))) throw readsFault;
          return read;
        }
        const place = Array.isArray(target) && !/^\d+$/.test(key) ? path : within(path, key);
        if (place !== path && wrong.has(place)) throw readsFault;
        const holdsFault =
          place !== path && faulty.some((one) => one.startsWith(place) && /^[.[]/.test(one.slice(place.length)));
        return holdsFault && typeof read === 'object' && read !== null ? view(read, place) : read;
      },
    });
  const attempt = (check: Check): string[] => {
    let found: readonly (string | Check)[];
    try {
      found = check();
    } catch (error) {
      if (error === readsFault) return [];
      throw error;
    }
    return found.flatMap((one) => (typeof one === 'string' ? [one] : attempt(one)));
  };
  return { config: view(value, '') as T, attempt };
}

const within = (path: string, key: string): string =>
  /^\d+$/.test(key) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
