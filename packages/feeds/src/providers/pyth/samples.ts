import { readTime } from '@crunch-node/domain';
import { shown } from '../../shown.ts';

/** A price as Hermes sent it. */
export interface Sample {
  readonly id: string;
  readonly price: number;
  /** Unix milliseconds of whole seconds */
  readonly publishMs: number;
}

/** An entry of a response that is no price, and why. */
export interface Fault {
  readonly id: string;
  readonly reason: 'unreadable' | 'bad_time';
  readonly detail: string;
}

export interface Parsed {
  readonly samples: readonly Sample[];
  readonly faults: readonly Fault[];
}

/**
 * The prices of a response, of `/v2/updates/price/latest` or of an event of the stream.
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
    const time = readTime(price?.publish_time, 's');
    if (value === null) {
      faults.push({ id: known, reason: 'unreadable', detail: price === undefined ? 'no price' : shown(price) });
    } else if ('fault' in time) faults.push({ id: known, reason: 'bad_time', detail: `publish_time: ${time.fault}` });
    else samples.push({ id: known, price: value, publishMs: Math.floor(time.ms / 1000) * 1000 });
  }
  return { samples, faults };
}

/** price × 10^expo, as the decimal it is: multiplying would leave 61409.935010000005. */
function scaled(price: unknown, expo: unknown): number | null {
  const digits = typeof price === 'number' || typeof price === 'bigint' ? String(price) : price;
  if (typeof digits !== 'string' || !/^-?\d+$/.test(digits) || !Number.isInteger(expo)) return null;
  const value = Number(`${digits}e${expo as number}`);
  return Number.isFinite(value) ? value : null;
}
