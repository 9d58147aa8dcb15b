import type { JsonObject } from '@crunch-node/streams';

/** The numbers of a summary, true and false as they are. */
export const numbersIn = (summary: JsonObject): Record<string, number | boolean> =>
  Object.fromEntries(
    Object.entries(summary).filter(
      (entry): entry is [string, number | boolean] => Number.isFinite(entry[1]) || typeof entry[1] === 'boolean',
    ),
  );
