import { countBelow } from './count-below.ts';

/** A series with the order of its values, which is all that rank correlation needs. */

export interface Ranked {
  readonly values: Float64Array;
  /** places of the finite values, smallest value first; signed, which engines index with faster */
  readonly order: Int32Array;
  readonly hasTies: boolean;
  /** 1 where there is a value; null when there is one everywhere */
  readonly present: Uint8Array | null;
}

/** An order found for an earlier stretch of the same series, and how many places its start lies before ours. */
export interface EarlierOrder {
  readonly order: Int32Array;
  readonly length: number;
  readonly shift: number;
}

/**
 * Finds the order by sorting, or, where an earlier one is known, by dropping the values that left at the front and
 * merging the new ones at the end: sorting 500 series every time would be most of the work of a snapshot. The merged
 * order is checked against the values and thrown away where it does not fit, so an earlier order only saves time.
 */
export function ranked(values: Float64Array, earlier?: EarlierOrder): Ranked {
  const present = presenceOf(values);
  const count = present === null ? values.length : countOf(present);
  const order = (earlier && movedOrder(values, count, earlier)) ?? sortedOrder(values, count);
  return { values, order, hasTies: hasTies(values, order), present };
}

function presenceOf(values: Float64Array): Uint8Array | null {
  let missing = 0;
  for (let i = 0; i < values.length; i++) if (!isPresent(values[i]!)) missing += 1;
  if (missing === 0) return null;
  const present = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) if (isPresent(values[i]!)) present[i] = 1;
  return present;
}

/** Several times faster than `Number.isFinite`: infinities and NaN have no difference from themselves. */
const isPresent = (value: number): boolean => value - value === 0;

/** How many places both have. */
export function countCommon(a: Uint8Array | null, b: Uint8Array | null, length: number): number {
  if (a === null) return b === null ? length : countOf(b);
  if (b === null || b === a) return countOf(a);
  let count = 0;
  for (let i = 0; i < length; i++) count += a[i]! & b[i]!;
  return count;
}

function countOf(present: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < present.length; i++) count += present[i]!;
  return count;
}

/** Typed arrays sort numbers natively, so sorting values and looking each one up beats sorting places. */
function sortedOrder(values: Float64Array, count: number): Int32Array {
  const sorted = count === values.length ? values.slice() : values.filter(isPresent);
  for (let i = 0; i < sorted.length; i++) sorted[i]! += 0; // negative zero sorts below zero, which it equals
  sorted.sort();
  const order = new Int32Array(count);
  const taken = new Int32Array(count);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!isPresent(value)) continue;
    const first = countBelow(sorted, value);
    order[first + taken[first]!] = i;
    taken[first]! += 1;
  }
  return order;
}

/** More than this many new values are sorted with all others. */
const FEW = 64;

function movedOrder(values: Float64Array, count: number, { order, length, shift }: EarlierOrder): Int32Array | null {
  const added: number[] = [];
  for (let i = length - shift; i < values.length; i++) if (isPresent(values[i]!)) added.push(i);
  if (added.length > FEW || length - shift > values.length) return null;
  added.sort((a, b) => values[a]! - values[b]! || a - b);
  const moved = new Int32Array(count);
  let filled = 0;
  let next = 0;
  for (let k = 0; k < order.length; k++) {
    const place = order[k]! - shift;
    if (place < 0) continue;
    const value = values[place]!;
    while (next < added.length && values[added[next]!]! < value) moved[filled++] = added[next++]!;
    moved[filled++] = place;
  }
  while (next < added.length) moved[filled++] = added[next++]!;
  return filled === count && isInOrder(values, moved) ? moved : null;
}

function isInOrder(values: Float64Array, order: Int32Array): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < order.length; k++) {
    const value = values[order[k]!]!;
    if (!(value >= last) || !isPresent(value)) return false;
    last = value;
  }
  return true;
}

function hasTies(values: Float64Array, order: Int32Array): boolean {
  for (let k = 1; k < order.length; k++) if (values[order[k]!] === values[order[k - 1]!]) return true;
  return false;
}
