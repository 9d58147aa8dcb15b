interface Said {
  readonly value: number;
  readonly weight: number;
}

/** Weighted mean over the members present; null when their weights come to nothing, or the mean is no number. */
export function combine(said: readonly Said[]): number | null {
  let weighted = 0;
  let total = 0;
  for (const { value, weight } of said) {
    weighted += weight * value;
    total += weight;
  }
  if (total < 1e-12) return null;
  const mean = weighted / total;
  if (Number.isFinite(mean)) return mean;
  const shared = said.reduce((sum, { value, weight }) => sum + value * (weight / total), 0);
  return Number.isFinite(shared) ? shared : null;
}
