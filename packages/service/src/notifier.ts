/** Wakes all waiters when something changes. They share one promise, so that waiting leaks nothing. */
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

  /** Resolves to true once the condition holds, to false when the signal aborted first. */
  async until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (condition()) return true;
      await this.#changed;
    }
    return false;
  }

  /** Resolves to true once the condition holds, to false after the time-out or when the signal aborted first. */
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
