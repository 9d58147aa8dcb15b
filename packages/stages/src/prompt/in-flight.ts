import type { Notifier } from '@crunch-node/service';

/** Maximum number of concurrent steps, so that unresponsive models stop reading instead of filling memory. */
const MAX_AT_WORK = 500;
/** At replay pace models are so many events ahead of the log at most: what they are asked again after a crash. */
const MAX_AHEAD = 32;

export interface InFlightContext {
  readonly notifier: Notifier;
  /** steps are published one after the other */
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
  readonly #limit: number;
  #count = 0;

  constructor(own: AbortSignal, context: InFlightContext) {
    this.#context = context;
    this.#limit = context.sequential ? MAX_AHEAD : MAX_AT_WORK;
    this.signal = AbortSignal.any([own, this.#broken.signal]);
  }

  get count(): number {
    return this.#count;
  }

  get hasRoom(): boolean {
    return this.#count < this.#limit;
  }

  begin(step: Promise<void>): void {
    const { notifier, moved } = this.#context;
    this.#count += 1;
    const ended = step.finally(() => {
      this.#count -= 1;
      moved();
      if (this.#count === this.#limit - 1) notifier.notify();
    });
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
