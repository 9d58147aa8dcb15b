/** Wakes all who wait for something to change. One promise for all, so that waiting leaves nothing behind. */
export class Notifier {
  #wake: () => void = () => undefined;
  #changed: Promise<void> = this.#next();

  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.notify(), { once: true });
  }

  notify(): void {
    const wake = this.#wake;
    this.#changed = this.#next();
    wake();
  }

  /** Resolves true once the condition holds, false when the signal aborted first. */
  async until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (condition()) return true;
      await this.#changed;
    }
    return false;
  }

  /** Resolves true once the condition holds, false when it has not after so long, or the signal aborted first. */
  async within(ms: number, condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.notify();
    }, ms);
    try {
      await this.until(() => isLate || condition(), signal);
      return !signal.aborted && condition();
    } finally {
      clearTimeout(timer);
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
