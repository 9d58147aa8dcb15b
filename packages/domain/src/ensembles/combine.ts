import type { EnsembleSignalled } from '@crunch-node/streams';

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/** Weighted mean over the members present; null when their weights come to nothing, or the mean is no number. */
export function combine(answers: readonly Weighted[]): number | null {
  let weighted = 0;
  let total = 0;
  for (const { value, weight } of answers) {
    weighted += weight * value;
    total += weight;
  }
  if (total < 1e-12) return null;
  const mean = weighted / total;
  if (Number.isFinite(mean)) return mean;
  const shared = answers.reduce((sum, { value, weight }) => sum + value * (weight / total), 0);
  return Number.isFinite(shared) ? shared : null;
}

/** A signal as an answer: its fields with their weighted means, or null when no member was usable. */
export const answerOf = ({
  output_field,
  value,
  values,
}: {
  readonly output_field: string;
  readonly value: number | null;
  readonly values?: EnsembleSignalled['data']['values'];
}): Readonly<Record<string, number | null>> =>
  value === null || values === undefined ? { [output_field]: value } : values;
