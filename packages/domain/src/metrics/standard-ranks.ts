/**
 * Ranks of a series among the places a mask leaves, less their mean. Kept nowhere, since those of 500 series of 10,000
 * would be 40 MB: found again from the order whenever they are needed.
 */
import type { Ranked } from './ranked.ts';

/** @param count places the mask leaves @param scale factor of each rank */
export function addRanks(
  series: Ranked,
  mask: Uint8Array | null,
  count: number,
  scale: number,
  sums: Float64Array,
): void {
  if (series.hasTies) addTied(series, mask, count, scale, sums);
  else if (mask === null) addAll(series.order, count, scale, sums);
  else addMasked(series.order, mask, count, scale, sums);
}

/** Product of the ranks with a vector that is 0 outside the mask. */
export function productWith(series: Ranked, mask: Uint8Array | null, count: number, vector: Float64Array): number {
  if (series.hasTies) return productTied(series, mask, count, vector);
  return mask === null ? productAll(series.order, count, vector) : productMasked(series.order, mask, count, vector);
}

/** Sum of the squared ranks, 0 when the series does not vary there. */
export function squaresOf({ values, order, hasTies }: Ranked, mask: Uint8Array | null, count: number): number {
  let twelfths = count * (count * count - 1);
  if (!hasTies) return twelfths / 12;
  // Each run of equals takes away what its own ranks would add.
  for (let from = 0, to = 0; from < order.length; from = to) {
    const value = values[order[from]!]!;
    let equals = 0;
    for (to = from; to < order.length && values[order[to]!] === value; to++) {
      equals += mask === null ? 1 : mask[order[to]!]!;
    }
    twelfths -= equals * (equals * equals - 1);
  }
  return twelfths / 12;
}

function addAll(order: Int32Array, count: number, scale: number, sums: Float64Array): void {
  const middle = (count - 1) / 2;
  for (let k = 0; k < order.length; k++) sums[order[k]!]! += (k - middle) * scale;
}

function addMasked(order: Int32Array, mask: Uint8Array, count: number, scale: number, sums: Float64Array): void {
  let rank = -(count - 1) / 2;
  for (let k = 0; k < order.length; k++) {
    const place = order[k]!;
    const kept = mask[place]!;
    sums[place]! += kept * rank * scale;
    rank += kept;
  }
}

function productAll(order: Int32Array, count: number, vector: Float64Array): number {
  const middle = (count - 1) / 2;
  let product = 0;
  for (let k = 0; k < order.length; k++) product += (k - middle) * vector[order[k]!]!;
  return product;
}

/** Where the mask is 0 the vector is, so only the ranks have to be counted. */
function productMasked(order: Int32Array, mask: Uint8Array, count: number, vector: Float64Array): number {
  let rank = -(count - 1) / 2;
  let product = 0;
  for (let k = 0; k < order.length; k++) {
    const place = order[k]!;
    product += rank * vector[place]!;
    rank += mask[place]!;
  }
  return product;
}

function addTied(
  { values, order }: Ranked,
  mask: Uint8Array | null,
  count: number,
  scale: number,
  sums: Float64Array,
): void {
  let before = -(count - 1) / 2;
  for (let from = 0, to = 0; from < order.length; from = to) {
    const value = values[order[from]!]!;
    let equals = 0;
    for (to = from; to < order.length && values[order[to]!] === value; to++) {
      equals += mask === null ? 1 : mask[order[to]!]!;
    }
    const rank = (before + (equals - 1) / 2) * scale;
    for (let k = from; k < to; k++) {
      const place = order[k]!;
      sums[place]! += mask === null ? rank : mask[place]! * rank;
    }
    before += equals;
  }
}

function productTied({ values, order }: Ranked, mask: Uint8Array | null, count: number, vector: Float64Array): number {
  let before = -(count - 1) / 2;
  let product = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    const value = values[order[from]!]!;
    let equals = 0;
    let sum = 0;
    for (to = from; to < order.length && values[order[to]!] === value; to++) {
      equals += mask === null ? 1 : mask[order[to]!]!;
      sum += vector[order[to]!]!;
    }
    product += (before + (equals - 1) / 2) * sum;
    before += equals;
  }
  return product;
}
