/** One at a time, in the order of `take`. */
export interface Turns {
  /** no caller has the turn */
  readonly free: boolean;
  /** Resolves with the way to give the turn back. */
  take(): Promise<() => void>;
}

export function takeTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    get free() {
      return waiting === 0;
    },
    take() {
      const before = last;
      waiting += 1;
      let giveBack: () => void = () => undefined;
      last = new Promise((resolve) => {
        giveBack = () => {
          waiting -= 1;
          resolve();
        };
      });
      return before.then(() => giveBack);
    },
  };
}
