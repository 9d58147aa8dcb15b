import type { AppliedPositions } from '@crunch-node/projections';

/**
 * Current positions of projections, queried once for all requests that wait for them. A request never gets positions
 * queried before it came: a client that has seen something in the read model sees it here too.
 */
export function currentPositions(read: () => Promise<AppliedPositions>): () => Promise<AppliedPositions> {
  let running: Promise<unknown> | undefined;
  let next: Promise<AppliedPositions> | undefined;

  const ask = (): Promise<AppliedPositions> => {
    next = undefined;
    const asked = read();
    const over = (): void => {
      if (running === asked) running = undefined;
    };
    running = asked;
    asked.then(over, over);
    return asked;
  };

  return () => {
    if (next !== undefined) return next;
    if (running === undefined) return ask();
    next = running.then(ask, ask);
    return next;
  };
}
