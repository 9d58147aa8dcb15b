import { shown } from '../../shown.ts';

/** A price as Hermes told it. */
export interface Sample {
  readonly id: string;
  readonly price: number;
  /** Unix milliseconds of whole seconds */
  readonly publishMs: number;
}

/** An entry of an answer that is no price, and why. */
export interface Fault {
  readonly id: string;
  readonly detail: string;
}

export interface Parsed {
  readonly samples: readonly Sample[];
  readonly faults: readonly Fault[];
}

/**
 * The prices of an answer, of `/v2/updates/price/latest` or of an event of the stream.
 * @throws {TypeError} when it is not one
 */
export function samplesOf(body: unknown): Parsed {
  const { parsed } = (body ?? {}) as { parsed?: unknown };
  if (!Array.isArray(parsed)) throw new TypeError(`expected parsed prices from Hermes, received ${typeof parsed}`);
  const samples: Sample[] = [];
  const faults: Fault[] = [];
  for (const entry of parsed as unknown[]) {
    const { id, price } = (entry ?? {}) as { id?: unknown; price?: Readonly<Record<string, unknown>> };
    const known = typeof id === 'string' ? id.toLowerCase().replace(/^0x/, '') : '';
    const value = scaled(price?.price, price?.expo);
    const seconds = numberIn(price?.publish_time);
    if (value !== null && Number.isSafeInteger(seconds) && seconds > 0) {
      samples.push({ id: known, price: value, publishMs: seconds * 1000 });
    } else {
      faults.push({ id: known, detail: price === undefined ? 'no price' : shown(price) });
    }
  }
  return { samples, faults };
}

const numberIn = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;

/** price × 10^expo, as the decimal it is: multiplying would leave 61409.935010000005. */
function scaled(price: unknown, expo: unknown): number | null {
  const digits = typeof price === 'number' || typeof price === 'bigint' ? String(price) : price;
  if (typeof digits !== 'string' || !/^-?\d+$/.test(digits) || !Number.isInteger(expo)) return null;
  const value = Number(`${digits}e${expo as number}`);
  return Number.isFinite(value) ? value : null;
}
