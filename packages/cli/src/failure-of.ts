import type { Service } from '@crunch-node/service';

/** Rejects as soon as one service fails, which is the failure of all; never resolves. */
export const failureOf = (services: readonly Service[]): Promise<never> =>
  Promise.race(
    services.map(async ({ name, ended }): Promise<never> => {
      try {
        await ended;
      } catch (cause) {
        throw new Error(`${name} failed: ${(cause as Error).message}`, { cause });
      }
      return new Promise<never>(() => {});
    }),
  );
