/** Where a delivered message stands, as the subject it could be acknowledged on says. */
export interface Place {
  /** in the stream */
  readonly sequence: number;
  readonly consumerSequence: number;
  /** unix microseconds */
  readonly storedUs: number;
  /** messages of the stream behind it */
  readonly pending: number;
}

const PREFIX = '$JS.ACK.';
const [DOT, ZERO, NINE] = [...'.09'].map((c) => c.charCodeAt(0)) as [number, number, number];

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`, where newer servers put
 * `<domain>.<account>` before the stream and a random token behind. Read by hand: this is done per message.
 * @returns null for every other subject
 */
export function placeOf(reply: string): Place | null {
  if (!reply.startsWith(PREFIX)) return null;
  // Of nine tokens the last is <pending>; of more there is another one behind it.
  let end = reply.length;
  let dots = 0;
  for (let i = 0; i < end; i++) if (reply.charCodeAt(i) === DOT) dots++;
  if (dots > 8) end = reply.lastIndexOf('.');
  const time = reply.lastIndexOf('.', end - 1);
  const consumer = reply.lastIndexOf('.', time - 1);
  const stream = reply.lastIndexOf('.', consumer - 1);
  const deliveries = reply.lastIndexOf('.', stream - 1);
  return {
    sequence: integerIn(reply, deliveries + 1, stream),
    consumerSequence: integerIn(reply, stream + 1, consumer),
    storedUs: integerIn(reply, consumer + 1, time - 3), // nanoseconds, of which a double holds too few
    pending: integerIn(reply, time + 1, end),
  };
}

/** NaN where there is anything but digits. */
function integerIn(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return Number.NaN;
    value = value * 10 + (code - ZERO);
  }
  return value;
}
