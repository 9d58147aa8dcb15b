import type { Notifier } from '@crunch-node/service';

/** Maximum number of concurrent steps, so that unresponsive models stop reading instead of filling memory. */
const MAX_AT_WORK = 500;

export interface InFlightContext {
  readonly notifier: Notifier;
  /** the next step waits for the one before */
  readonly sequential: boolean;
  /** called whenever a step has ended */
  moved(): void;
}

/** The running steps of a partition: bounded in number, and cancelled together when one fails. */
export class InFlight {
  readonly #context: InFlightContext;
  readonly #broken = new AbortController();
  /** aborts when the partition ends, or when a step fails that is not awaited */
  readonly signal: AbortSignal;
  #count = 0;

  constructor(own: AbortSignal, context: InFlightContext) {
    this.#context = context;
    this.signal = AbortSignal.any([own, this.#broken.signal]);
  }

  get count(): number {
    return this.#count;
  }

  get hasRoom(): boolean {
    return this.#count < MAX_AT_WORK;
  }

  /** Resolves at once, or when the step has ended if steps are taken one after another. */
  async begin(step: Promise<void>): Promise<void> {
    const { notifier, sequential, moved } = this.#context;
    this.#count += 1;
    const ended = step.finally(() => {
      this.#count -= 1;
      moved();
      if (this.#count === MAX_AT_WORK - 1) notifier.notify();
    });
    if (sequential) return ended;
    ended.catch((error: unknown) => {
      if (this.signal.aborted) return;
      this.#broken.abort(error);
      notifier.notify();
    });
  }

  /** Resolves when these steps have ended. @throws what the first step to fail threw */
  async finish(steps: readonly Promise<void>[]): Promise<void> {
    const ends = await Promise.allSettled(steps);
    if (this.#broken.signal.aborted) throw this.#broken.signal.reason;
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }
}
