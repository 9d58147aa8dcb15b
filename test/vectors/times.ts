import { type Instant, instantOfMicros } from '@crunch-node/streams';

/** A time as the vectors write it (`2026-01-05T10:00:00.5+00:00`, or without an offset) as an instant. */
export function instantOf(text: string): Instant {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (match === null) throw new RangeError(`expected a time, received ${text}`);
  const millis = Date.parse(`${match[1]}${match[3] ?? 'Z'}`);
  return instantOfMicros(millis * 1000 + Number((match[2] ?? '').padEnd(6, '0')));
}
