/** Why produced scores look like those of a stub, or null: none at all, all 0, or all alike. */
export function faultOfScores(values: readonly number[]): string | null {
  if (values.length === 0) return 'there are no scores';
  if (values.every((value) => value === 0)) return 'all scores are 0';
  return new Set(values).size < 2 ? 'all scores are alike' : null;
}
