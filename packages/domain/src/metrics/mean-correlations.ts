/**
 * Mean rank correlation of every series with every other, over the places both have. The correlation of two series is
 * the product of their standardised ranks, and products add up: what a series has in common with all others together
 * is its product with their sum. So series that have a value in the same places are done in one pass each. Ranks
 * among fewer places are other ranks, therefore series with gaps of their own are compared group by group, where a
 * group is what shares its gaps; at worst that is one pass for each pair.
 */
import { bitsOf, countCommonBits } from './bits.ts';
import type { ConstantSeries } from './constant-series.ts';
import type { Ranked } from './ranked.ts';
import { addRanks, productWith, squaresOf } from './standard-ranks.ts';

interface Member {
  readonly index: number;
  readonly ranked: Ranked;
}

interface Group {
  readonly present: Uint8Array | null;
  /** `present`, a bit for each place */
  readonly bits: Int32Array;
  readonly members: Member[];
}

/**
 * By index of the series; NaN without another one to compare with in at least two places.
 * @param constant what the correlation with a series is that does not vary where both have values: 0, or left out
 */
export function meanCorrelations(series: readonly Ranked[], constant: ConstantSeries = 'zero'): Float64Array {
  const length = series[0]?.values.length ?? 0;
  const totals = new Float64Array(series.length);
  const peers = new Uint32Array(series.length);
  const groups = groupsOf(series);
  const counts = constant === 'zero' ? everyPair : varyingPairs;
  const sums: Sums = { totals, peers, counts, first: new Float64Array(length), second: new Float64Array(length) };
  for (const [i, group] of groups.entries()) {
    within(group, sums);
    for (const other of groups.slice(i + 1)) between(group, other, sums);
  }
  return totals.map((total, i) => (peers[i] === 0 ? Number.NaN : Math.min(1, Math.max(-1, total / peers[i]!))));
}

interface Sums {
  readonly totals: Float64Array;
  /** how many others each was compared with */
  readonly peers: Uint32Array;
  readonly counts: Counts;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Whether a series is compared with others where a mask is. */
type Counts = (ranked: Ranked, mask: Uint8Array | null, count: number) => boolean;
const everyPair: Counts = () => true;
const varyingPairs: Counts = (ranked, mask, count) => squaresOf(ranked, mask, count) > 0;

function groupsOf(series: readonly Ranked[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [index, ranked] of series.entries()) {
    const bits = bitsOf(ranked);
    const key = bits.join();
    let group = groups.get(key);
    if (group === undefined) {
      group = { present: ranked.present, bits, members: [] };
      groups.set(key, group);
    }
    group.members.push({ index, ranked });
  }
  return [...groups.values()];
}

function within({ bits, members: all }: Group, { totals, peers, counts, first }: Sums): void {
  const count = countCommonBits(bits, bits);
  if (count < 2) return;
  const members = all.filter(({ ranked }) => counts(ranked, null, count));
  if (members.length < 2) return;
  first.fill(0);
  for (const { ranked } of members) addStandardised(ranked, null, count, first);
  for (const { index, ranked } of members) {
    // Its product with itself is 1, unless it does not vary at all.
    const own = squaresOf(ranked, null, count) === 0 ? 0 : 1;
    totals[index]! += standardisedProduct(ranked, null, count, first) - own;
    peers[index]! += members.length - 1;
  }
}

function between(a: Group, b: Group, { totals, peers, counts, first, second }: Sums): void {
  const count = countCommonBits(a.bits, b.bits);
  if (count < 2) return;
  const comparable = (group: Group, mask: Uint8Array | null): Group => ({
    ...group,
    members: group.members.filter(({ ranked }) => counts(ranked, mask, count)),
  });
  const [one, other] = [comparable(a, b.present), comparable(b, a.present)];
  const [few, many] = one.members.length <= other.members.length ? [one, other] : [other, one];
  if (few.members.length === 0) return;
  first.fill(0);
  for (const { ranked } of few.members) addStandardised(ranked, many.present, count, first);
  const isAlone = few.members.length === 1;
  if (!isAlone) second.fill(0);
  let total = 0;
  for (const { index, ranked } of many.members) {
    const product = standardisedProduct(ranked, few.present, count, first);
    totals[index]! += product;
    peers[index]! += few.members.length;
    total += product;
    if (!isAlone) addStandardised(ranked, few.present, count, second);
  }
  for (const { index, ranked } of few.members) {
    totals[index]! += isAlone ? total : standardisedProduct(ranked, many.present, count, second);
    peers[index]! += many.members.length;
  }
}

function addStandardised(series: Ranked, mask: Uint8Array | null, count: number, sums: Float64Array): void {
  const squares = squaresOf(series, mask, count);
  if (squares > 0) addRanks(series, mask, count, 1 / Math.sqrt(squares), sums);
}

function standardisedProduct(series: Ranked, mask: Uint8Array | null, count: number, vector: Float64Array): number {
  const squares = squaresOf(series, mask, count);
  return squares === 0 ? 0 : productWith(series, mask, count, vector) / Math.sqrt(squares);
}
