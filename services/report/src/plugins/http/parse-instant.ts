import { addSeconds, type Instant, instantOfMicros, instantOfMillis } from '@crunch-node/streams';

const DATE = String.raw`(\d{4}-\d{2}-\d{2})`;
const CLOCK = String.raw`(\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`;
const OFFSET = String.raw`(?:[01]\d|2[0-3])(?::?[0-5]\d)?`;
const ISO = new RegExp(String.raw`^${DATE}(?:[Tt ]${CLOCK}\s*([Zz]|[+-]${OFFSET})?)?$`);
/**
 * A `+` that is not percent-encoded arrives as a blank. Behind a time with seconds it can have been nothing else:
 * without seconds, two digits alone could be those.
 */
const LOST_PLUS = new RegExp(String.raw`^(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?) (${OFFSET})$`);
const UNIX = /^-?\d+(\.\d+)?$/;
/** A number before 1990 is rather a date without its hyphens, such as 20261118, than a time; zero is an open start. */
const EARLIEST_MICROS = Date.UTC(1990, 0, 1) * 1e3;
/** Unix numbers beyond this are milliseconds: as seconds it would be the year 2603. */
const MILLIS_FROM = 2e10;
/** Open ends such as the years 1 and 9999 are as far away as microseconds reach: about 1716 and 2223. */
const FARTHEST_MILLIS = 8e12;

/** What {@link parseInstant} reads, for messages and descriptions. */
export const INSTANT_FORMS =
  'an ISO date or date-time (UTC unless it has an offset), or a Unix number of 1990 or later';

/** Undefined: the text is none of {@link INSTANT_FORMS}, nor zero. */
export function parseInstant(text: string): Instant | undefined {
  if (UNIX.test(text)) {
    const number = Number(text);
    const micros = Math.round(Math.abs(number) >= MILLIS_FROM ? number * 1e3 : number * 1e6);
    return micros === 0 || (micros >= EARLIEST_MICROS && micros < 8e15) ? instantOfMicros(micros) : undefined;
  }
  const match = ISO.exec(withPlus(text.trim()));
  if (match === null) return undefined;
  const [, date, clock = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const millis = Date.parse(`${date}T${clock}:${seconds}Z`);
  if (Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(`${date}`)) return undefined;
  const reached = Math.max(-FARTHEST_MILLIS, Math.min(FARTHEST_MILLIS, millis));
  const whole = addSeconds(instantOfMillis(reached), -offsetSeconds(zone));
  return `${whole.slice(0, 20)}${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

function withPlus(text: string): string {
  const [, time = '', offset = ''] = LOST_PLUS.exec(text) ?? [];
  const isOffset = offset.length > 2 || /:\d{2}:\d{2}/.test(time);
  return offset !== '' && isOffset ? `${time}+${offset}` : text;
}

/** What is wrong with a text that is no time, as far as that can be guessed; empty when it cannot. */
export function hintFor(text: string): string {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(?:[T_ ]?\d{2,6})?$/.exec(text.trim()) ?? [];
  const iso = `${year}-${month}-${day}`;
  if (day !== undefined && parseInstant(iso) !== undefined) return `a date is written ${iso}`;
  if (/^\d{15,17}$/.test(text)) return 'it looks like microseconds: seconds or milliseconds are read';
  if (/^\d{18,20}$/.test(text)) return 'it looks like nanoseconds: seconds or milliseconds are read';
  if (/:\d{2}\S* \d/.test(text)) return 'a + has to be sent as %2B';
  return '';
}

function offsetSeconds(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(3).replace(':', '') || 0) * 60);
}
