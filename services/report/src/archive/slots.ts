import { HttpFault } from '../plugins/http/errors.ts';

/** Lets few pieces of work compute at a time, and few wait: the rest of the API needs the machine too. */
export interface Slots {
  /** @throws {HttpFault} 503 when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createSlots(atOnce: number, waiting: number): Slots {
  const queue: (() => void)[] = [];
  let taken = 0;
  return {
    async run(work) {
      if (taken < atOnce) taken++;
      else {
        if (queue.length >= waiting) throw new HttpFault(503, 'too many queries of the archive at a time: try again');
        await new Promise<void>((resolve) => queue.push(resolve));
      }
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next === undefined) taken--;
        else next();
      }
    },
  };
}
