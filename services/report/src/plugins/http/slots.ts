import { HttpFault } from './errors.ts';

/** Lets few pieces of work compute at a time, and few wait: the rest of the process needs the machine too. */
export interface Slots {
  /** Resolves when it is its turn. @returns gives the place to the next @throws {HttpFault} 503 when too many wait already */
  enter(): Promise<() => void>;
  /** @throws {HttpFault} as above */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export interface SlotLimits {
  readonly atOnce: number;
  readonly waiting: number;
  /** what the slots limit, for the text of refusals */
  readonly what: string;
}

export function createSlots({ atOnce, waiting, what }: SlotLimits): Slots {
  const queue: (() => void)[] = [];
  let taken = 0;
  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) taken--;
    else next();
  };
  const enter = async (): Promise<() => void> => {
    if (taken < atOnce) taken++;
    else {
      if (queue.length >= waiting) throw new HttpFault(503, `too many ${what} at a time: try again`);
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    let isOver = false;
    return () => {
      if (!isOver) leave();
      isOver = true;
    };
  };
  return {
    enter,
    async run(work) {
      const done = await enter();
      try {
        return await work();
      } finally {
        done();
      }
    },
  };
}
