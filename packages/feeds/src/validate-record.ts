import { type FeedRecord, readTime } from '@crunch-node/domain';
import { isInstant, type Json } from '@crunch-node/streams';
import { granularitySeconds, isGranularity } from './granularity.ts';
import { nameFault } from './name-fault.ts';
import { plainText } from './shown.ts';

/** Why a row is not a record. */
export type RejectionReason =
  | 'missing_field'
  | 'not_a_number'
  | 'not_positive'
  | 'negative_volume'
  | 'high_below_low'
  | 'outside_high_and_low'
  | 'bad_time'
  | 'off_grid'
  | 'unknown_granularity'
  | 'out_of_order'
  | 'duplicate'
  | 'unreadable';

export interface Rejection {
  readonly reason: RejectionReason;
  /** for a person: which field, what was received */
  readonly detail: string;
  /** file and line, or the provider's message */
  readonly origin: string;
  /** the row as it was written, cut */
  readonly received?: string;
}

export type Fault = Pick<Rejection, 'reason' | 'detail'>;

/** A record is an event, which the smallest server has to take. */
const MOST_BYTES = 262_144;

const PRICES = ['open', 'high', 'low', 'close'] as const;

/** When a record may become known: the longest candle after the last time there is. */
const [FIRST_AT, LAST_AT] = ['1990-01-01T00:00:00.000000Z', '2286-11-22T00:00:00.000000Z'];

/** What is wrong with a record by itself, or null. Order and duplicates are a matter of its feed. */
export function faultOf(record: FeedRecord): Fault | null {
  const time = timeFault(record);
  if (time !== null) return time;
  const unreadable = nameFault(record) ?? contentFault(record);
  if (unreadable !== null) return { reason: 'unreadable', detail: unreadable };
  if (record.kind === 'candle') return faultOfCandle(record);
  if (record.kind === 'tick') return faultOfPrice('price', record.values.price);
  return faultOfNumbers(record.values);
}

/** JSON has no text for a bigint, nor for an object that holds itself. */
function contentFault({ values, metadata }: FeedRecord): string | null {
  let text: string;
  try {
    text = JSON.stringify([values, metadata ?? null]);
  } catch (error) {
    return `expected values and metadata to be JSON: ${(error as Error).message}`;
  }
  const bytes = Buffer.byteLength(text);
  return bytes <= MOST_BYTES ? null : `expected at most ${MOST_BYTES} bytes of values and metadata, received ${bytes}`;
}

/** What is wrong with a record's times, or null. */
export function timeFault({ at, ts_event }: FeedRecord): Fault | null {
  const time = readTime(ts_event, 'ms');
  if ('fault' in time) return { reason: 'bad_time', detail: `ts_event: ${time.fault}` };
  if (!Number.isSafeInteger(ts_event)) {
    return { reason: 'bad_time', detail: `ts_event: expected whole milliseconds, received ${ts_event}` };
  }
  if (isInstant(at) && at >= FIRST_AT && at <= LAST_AT) return null;
  return { reason: 'bad_time', detail: `at: expected an instant from ${FIRST_AT} to ${LAST_AT}, received ${at}` };
}

function faultOfCandle({ ts_event, granularity, values }: FeedRecord): Fault | null {
  if (!isGranularity(granularity)) return { reason: 'unknown_granularity', detail: JSON.stringify(granularity) };
  if (ts_event % (granularitySeconds(granularity) * 1000) !== 0) {
    return { reason: 'off_grid', detail: `ts_event ${ts_event} is not on the grid of ${granularity}` };
  }
  for (const name of PRICES) {
    const fault = faultOfPrice(name, values[name]);
    if (fault !== null) return fault;
  }
  const [open, high, low, close] = PRICES.map((name) => values[name] as number) as [number, number, number, number];
  if (high < low) return { reason: 'high_below_low', detail: `high ${high} is below low ${low}` };
  if (open < low || open > high || close < low || close > high) {
    return { reason: 'outside_high_and_low', detail: `open ${open}, close ${close} outside ${low} .. ${high}` };
  }
  const { volume } = values;
  if (volume === undefined || volume === null) return { reason: 'missing_field', detail: 'volume' };
  if (typeof volume !== 'number' || !Number.isFinite(volume))
    return { reason: 'not_a_number', detail: `volume is ${plainText(volume)}` };
  return volume < 0 ? { reason: 'negative_volume', detail: `volume is ${volume}` } : null;
}

function faultOfPrice(name: string, value: Json | undefined): Fault | null {
  if (value === undefined || value === null) return { reason: 'missing_field', detail: name };
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { reason: 'not_a_number', detail: `${name} is ${plainText(value)}` };
  return value > 0 ? null : { reason: 'not_positive', detail: `${name} is ${value}` };
}

/** JSON has no NaN: it would be written as null and read as a fact. */
function faultOfNumbers(values: FeedRecord['values']): Fault | null {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number' && !Number.isFinite(value))
      return { reason: 'not_a_number', detail: `${name} is ${value}` };
  }
  return null;
}
