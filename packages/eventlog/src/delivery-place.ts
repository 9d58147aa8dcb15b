/** The place of a delivered message in its stream, from its acknowledgement subject. */
export interface DeliveryPlace {
  /** in the stream */
  readonly sequence: number;
  readonly consumerSequence: number;
  /** unix microseconds */
  readonly storedUs: number;
  /** messages of the stream after this one */
  readonly pending: number;
}

const PREFIX = '$JS.ACK.';
const ZERO = 48;

/**
 * Parses `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`; newer servers add
 * `<domain>.<account>` before the stream and a random token at the end. The prefix is the same for all messages of a
 * consumer, and the rest is parsed by hand since this runs for every message.
 * @returns a parser that returns null for every other subject
 */
export function placeReader(): (reply: string) => DeliveryPlace | null {
  let start = PREFIX;
  let digitsFrom = 0;
  return (reply) => {
    if (digitsFrom === 0 || !reply.startsWith(start)) {
      if (!reply.startsWith(PREFIX)) return null;
      const tokens = reply.split('.');
      start = `${tokens.slice(0, tokens.length > 9 ? 7 : 5).join('.')}.`;
      digitsFrom = start.length;
    }
    const sequence = integerAt(reply, digitsFrom);
    const consumerSequence = integerAt(reply, readTo + 1);
    const time = reply.indexOf('.', readTo + 1);
    const storedUs = integerAt(reply, readTo + 1, time - 3); // nanoseconds, which exceed the precision of a double
    return { sequence, consumerSequence, storedUs, pending: integerAt(reply, time + 1) };
  };
}

/** End of the last integer parsed. */
let readTo = 0;

/** Up to a dot, at most to `end`; NaN where there is anything but digits. */
function integerAt(text: string, from: number, end = text.length): number {
  let value = 0;
  let at = from;
  for (; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  readTo = at;
  return at === end || text[at] === '.' ? value : Number.NaN;
}
