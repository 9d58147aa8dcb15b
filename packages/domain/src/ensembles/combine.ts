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

/**
 * A signal as a prediction: its fields with their weighted means, or null when no member was usable. Where several
 * fields are combined, a stored row has their means in its members alone.
 */
export function answerOf({
  output_field,
  value,
  values,
  members,
}: {
  readonly output_field: string;
  readonly value: number | null;
  readonly values?: EnsembleSignalled['data']['values'];
  readonly members: EnsembleSignalled['data']['members'];
}): Readonly<Record<string, number | null>> {
  if (value === null) return { [output_field]: null };
  if (values !== undefined) return values;
  const others = Object.keys(members[0]?.values ?? {}).filter((field) => field !== output_field);
  const meanOf = (field: string) =>
    combine(members.map((member) => ({ value: member.values?.[field] ?? 0, weight: member.weight })));
  return Object.fromEntries([[output_field, value], ...others.map((field) => [field, meanOf(field)])]);
}
