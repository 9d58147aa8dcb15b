/**
 * Shares a whole number in proportion to integer weights, by largest remainder, the earlier one on a tie. Exact for
 * totals beyond what a product of doubles can hold: the parts always sum to `whole`.
 * @param weights integers, not negative, with a positive sum
 * @param whole a safe integer, not negative
 */
export function shareIntegers(weights: readonly number[], whole: number): number[] {
  const parts = weights.map(BigInt);
  const total = parts.reduce((sum, part) => sum + part, 0n);
  const shares = parts.map((part, i) => {
    const product = part * BigInt(whole);
    return { i, share: product / total, rest: product % total };
  });
  const missing = BigInt(whole) - shares.reduce((sum, { share }) => sum + share, 0n);
  const byRemainder = [...shares].sort((a, b) => Number(b.rest - a.rest) || a.i - b.i);
  const luckier = new Set(byRemainder.slice(0, Number(missing)).map(({ i }) => i));
  return shares.map(({ i, share }) => Number(share) + (luckier.has(i) ? 1 : 0));
}
