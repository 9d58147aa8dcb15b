import { crashPoint } from '@crunch-node/eventlog';
import { encodeState } from './codec.ts';
import type { SavedState } from './keeper.ts';

/** Of all time, saving may take one part in so many. */
const SHARE = 50;

/** A state larger than this takes longer to fetch than windows take to be read again. */
export const MAX_STATE_BYTES = 1024 * 1024 * 1024;

export class StateTooLarge extends Error {
  override readonly name = 'StateTooLarge';
  constructor() {
    super(`expected a state of at most ${MAX_STATE_BYTES} bytes: a restart will read the log instead`);
  }
}

/** Saves states of one partition now and then, beside its work: it is never waited for, and never fails. */
export interface Saver {
  /** Whether a state would be saved now. */
  readonly isDue: boolean;
  /** Takes the state if one is due. It must not change any more. */
  offer(state: SavedState): void;
}

export interface SaverMeans {
  /** between two states, at least; more when saving takes long */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** @returns bytes */
  save(state: SavedState, parts: AsyncIterable<Uint8Array>): Promise<number>;
  saved(bytes: number, seconds: number): void;
  failed(error: unknown, isFirst: boolean): void;
}

export function saverOf({ everyMs, signal, save, saved, failed }: SaverMeans): Saver {
  let dueAt = performance.now() + everyMs;
  let isBusy = false;
  let hasFailed = false;

  async function keep(state: SavedState): Promise<void> {
    const from = performance.now();
    try {
      crashPoint('state-due');
      const bytes = await save(state, limited(encodeState(state.state)));
      hasFailed = false;
      saved(bytes, (performance.now() - from) / 1000);
    } catch (error) {
      if (signal.aborted) return;
      failed(error, !hasFailed);
      hasFailed = true;
    } finally {
      const tookMs = performance.now() - from;
      dueAt = performance.now() + Math.max(everyMs, tookMs * SHARE);
      isBusy = false;
    }
  }

  const isDue = (): boolean => !isBusy && !signal.aborted && performance.now() >= dueAt;
  return {
    get isDue() {
      return isDue();
    },
    offer(state) {
      if (!isDue()) return;
      isBusy = true;
      void keep(state);
    },
  };
}

async function* limited(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of parts) {
    bytes += part.length;
    if (bytes > MAX_STATE_BYTES) throw new StateTooLarge();
    yield part;
  }
}
