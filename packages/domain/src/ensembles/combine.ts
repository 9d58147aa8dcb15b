import type { EnsembleSignalled } from '@crunch-node/streams';

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

/** A signal as an answer: its fields with their weighted means, or null when no member was usable. */
export function answerOf({
  output_field,
  value,
  members,
}: {
  readonly output_field: string;
  readonly value: number | null;
  readonly members: EnsembleSignalled['data']['members'];
}): Readonly<Record<string, number | null>> {
  const fields = Object.keys(members[0]?.values ?? {});
  if (fields.length === 0 || value === null) return { [output_field]: value };
  return Object.fromEntries(
    fields.map((field) => [
      field,
      combine(members.map(({ values, weight }) => ({ value: values?.[field] ?? 0, weight }))),
    ]),
  );
}
