/**
 * How large an event may be. A server refuses a message beyond its `max_payload`, and a stage that cannot publish an
 * event ends; so every event is made to fit by a rule that knows the configuration alone.
 */

/** Largest message of a stock server. */
export const STOCK_EVENT_BYTES = 1_048_576;

export interface EventLimit {
  /** absent: the limit of a stock server */
  readonly max_event_bytes?: number;
}

/** Limits of recorded predictions. */
export interface AnswerLimit extends EventLimit {
  /** largest prediction of a model; absent: `MAX_OUTPUT_SIZE` */
  readonly max_answer_size?: number;
}

/** Id, type, time and headers, which repeat the id. */
const ENVELOPE_BYTES = 16_384;
/** Observations take at most this part of an event's limit. */
const MEASURED_SHARE = 1 / 16;

const limitOf = ({ max_event_bytes = STOCK_EVENT_BYTES }: EventLimit): number => max_event_bytes;

/** Bytes of `obs`. */
export const measuredRoom = (limit: EventLimit): number => Math.floor(limitOf(limit) * MEASURED_SHARE);

/** Bytes of `data`. */
export const dataRoom = (limit: EventLimit): number => limitOf(limit) - ENVELOPE_BYTES - measuredRoom(limit);

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** Whether a value has at most so many bytes as JSON; most are far below, which is seen without writing them. */
export const fits = (value: unknown, bytes: number): boolean =>
  mostBytes(value, bytes) <= bytes || jsonBytes(value) <= bytes;

/** A bound of the bytes of a value, which may be several times as many as it has; stops when it is beyond `enough`. */
function mostBytes(value: unknown, enough: number): number {
  let bytes = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && bytes <= enough) {
    const part = open.pop();
    if (typeof part === 'string') bytes += LONGEST_ESCAPE * part.length + 3;
    else if (typeof part !== 'object' || part === null) bytes += LONGEST_NUMBER;
    else if (Array.isArray(part)) {
      bytes += 3;
      for (const item of part) open.push(item);
    } else {
      bytes += 3;
      for (const key in part) {
        bytes += LONGEST_ESCAPE * key.length + 4;
        open.push((part as Record<string, unknown>)[key]);
      }
    }
  }
  return bytes;
}

/** `\u0001`, for one character. */
const LONGEST_ESCAPE = 6;
/** `-1.2345678901234567e-308`, with a comma. */
const LONGEST_NUMBER = 26;
