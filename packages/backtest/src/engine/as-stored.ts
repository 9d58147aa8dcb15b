import type { Event } from '@crunch-node/streams';

/**
 * An event as the stage behind reads it from the log: JSON has one zero, and no member without a value. The same
 * object where that changes nothing.
 */
export function asStored<E extends Event>(event: E): E {
  const data = stored(event.data);
  return data === event.data ? event : { ...event, data };
}

function stored(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? storedList(value) : storedObject(value as Record<string, unknown>);
}

function storedList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = stored(list[i]) ?? null;
    if (Object.is(item, list[i])) continue;
    copy ??= [...list];
    copy[i] = item;
  }
  return copy ?? list;
}

function storedObject(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  for (const key in object) {
    const value = object[key];
    if (value === undefined || !Object.is(stored(value), value)) return copied(object);
  }
  return object;
}

const copied = (object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, stored(value)]),
  );
