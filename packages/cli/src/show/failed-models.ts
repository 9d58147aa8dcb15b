import { printable } from './printable.ts';

/** A model that does not run, and should. */
export interface FailedModel {
  readonly id: string;
  readonly name: string;
  readonly reason: string | null;
}

const REASONS = 3;
const NAMED = 8;
const UNKNOWN = 'no reason is known';

/** The name, with the id where another model has the same one. */
export const labelOf = ({ id, name }: Pick<FailedModel, 'id' | 'name'>, all: readonly { readonly name: string }[]) =>
  name === '' || all.filter((other) => other.name === name).length > 1 ? `${name} (${id})`.trimStart() : name;

/**
 * Which models have failed and why, the commonest reasons first; null: none has.
 * @param of how many models there should be
 * @param folder of the logs
 */
export function failedModelsText(failed: readonly FailedModel[], of: number, folder: string): string | null {
  if (failed.length === 0) return null;
  const reasons = new Map<string, number>();
  for (const { reason } of failed) reasons.set(reason ?? UNKNOWN, (reasons.get(reason ?? UNKNOWN) ?? 0) + 1);
  const commonest = [...reasons].sort(([, a], [, b]) => b - a).slice(0, REASONS);
  const names = failed.slice(0, NAMED).map((model) => labelOf(model, failed));
  const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : '';
  return [
    `${failed.length} of ${of} models failed to start: ${names.join(', ')}${more}`,
    ...commonest.map(([reason, times]) => `  ${times} of them: ${reason}`),
    `  logs: ${folder}/models/ID/model.log, or crunch-node models logs ID, such as ${failed[0]?.id}`,
  ]
    .map(printable)
    .join('\n');
}
