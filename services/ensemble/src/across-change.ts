import { type AnsweringEnsemble, answersAlike, combinedFields } from '@crunch-node/domain';
import type { EnsembleSignalled } from '@crunch-node/streams';

/**
 * Which ensembles may have answered a round in a cycle in which the configuration changed. An ensemble that existed at
 * the previous closing answers at once, possibly before it was removed or redefined, so the recorded signal decides
 * which of the two definitions applies.
 */
export async function acrossChange(
  before: readonly AnsweringEnsemble[],
  now: readonly AnsweringEnsemble[],
  recordedOf: (name: string) => Promise<EnsembleSignalled | undefined>,
): Promise<readonly AnsweringEnsemble[]> {
  let answering = now;
  for (const was of before) {
    if (now.some((ensemble) => answersAlike(ensemble, was))) continue;
    const recorded = await recordedOf(was.name);
    if (recorded === undefined || !combines(recorded, was)) continue;
    answering = [...answering.filter(({ name }) => name !== was.name), was];
  }
  return answering;
}

/** Where no member was usable the first field alone is known. */
function combines({ data: { output_field = 'value', values } }: EnsembleSignalled, ensemble: AnsweringEnsemble) {
  const fields = combinedFields(ensemble);
  if (values === undefined) return output_field === fields[0];
  return fields.length === Object.keys(values).length && fields.every((field) => Object.hasOwn(values, field));
}
