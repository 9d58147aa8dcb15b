import type { AppliedPositions } from '@crunch-node/projections';

/**
 * Where projections stand now, asked once for all requests that wait for it. A request never gets an answer that was
 * asked for before it came: whoever has seen something in the read model sees it here too.
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
