import { addSeconds, type Instant, instantOfMicros, instantOfMillis } from '@crunch-node/streams';

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/;
const UNIX = /^-?\d+(\.\d+)?$/;
/** Unix numbers beyond this are milliseconds: as seconds it would be the year 2603. */
const MILLIS_FROM = 2e10;
/** Open ends such as the years 1 and 9999 are as far away as microseconds reach: about 1716 and 2223. */
const FARTHEST_MILLIS = 8e12;

/** ISO date or date-time, UTC unless it says otherwise, or a Unix number; undefined when it is neither. */
export function parseInstant(text: string): Instant | undefined {
  if (UNIX.test(text)) {
    const number = Number(text);
    const micros = Math.round(Math.abs(number) >= MILLIS_FROM ? number * 1e3 : number * 1e6);
    return Math.abs(micros) < 8e15 ? instantOfMicros(micros) : undefined;
  }
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, date, clock = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const millis = Date.parse(`${date}T${clock}:${seconds}Z`);
  if (Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(`${date}`)) return undefined;
  const reached = Math.max(-FARTHEST_MILLIS, Math.min(FARTHEST_MILLIS, millis));
  const whole = addSeconds(instantOfMillis(reached), -offsetSeconds(zone));
  return `${whole.slice(0, 20)}${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

function offsetSeconds(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(3).replace(':', '') || 0) * 60);
}
