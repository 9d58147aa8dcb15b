/** Weighted mean over the members present; null when their weights come to nothing. */
export function combine(said: readonly { readonly value: number; readonly weight: number }[]): number | null {
  let weighted = 0;
  let total = 0;
  for (const { value, weight } of said) {
    weighted += weight * value;
    total += weight;
  }
  return total < 1e-12 ? null : weighted / total;
}
