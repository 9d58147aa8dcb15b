import { crashPoint } from '@crunch-node/eventlog';
import { CrunchError } from '@crunch-node/streams/errors';
import { encodeState } from './codec.ts';
import type { SavedState } from './saved-state.ts';

/** The reciprocal of the share of time that saving may take, of all partitions of the process together. */
const SHARE = 50;
/** partitions of the process that save */
let savers = 0;
/** Bytes that take a millisecond of a slow core to compress, hash and send. */
const BYTES_PER_MS = 50_000;

/** A state larger than this takes longer to fetch than the input takes to be read again. */
const MAX_STATE_BYTES = 1024 * 1024 * 1024;

export class StateTooLarge extends CrunchError {
  override readonly name = 'StateTooLarge';
  override readonly code = 'state_too_large';
  constructor() {
    super(`expected a state of at most ${MAX_STATE_BYTES} bytes: a restart will read the log instead`);
  }
}

/** Saves states of one partition from time to time, concurrently with its work: never awaited, and never fails. */
export interface Saver {
  /**
   * The newest state, which must not change any more. Of several offered before the next save only the last one is
   * saved.
   */
  offer(state: SavedState): void;
}

export interface SaverContext {
  /** minimum time between two states; more when saving takes long */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** @returns bytes */
  save(state: SavedState, parts: AsyncIterable<Uint8Array>): Promise<number>;
  saved(bytes: number, seconds: number): void;
  failed(error: unknown, isFirst: boolean): void;
}

export function saverOf({ everyMs, signal, save, saved, failed }: SaverContext): Saver {
  let dueAt = performance.now() + everyMs;
  let newest: SavedState | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isBusy = false;
  let hasFailed = false;
  savers += 1;
  const end = (): void => {
    savers -= 1;
    clearTimeout(timer);
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });

  async function keep(state: SavedState): Promise<void> {
    const from = performance.now();
    let costMs = 0;
    try {
      crashPoint('state-due');
      const parts = encodeState({ state: state.state, traces: state.traces ?? [] }, (ms) => {
        costMs += ms;
      });
      const bytes = await save(state, limited(parts));
      costMs += bytes / BYTES_PER_MS;
      hasFailed = false;
      saved(bytes, (performance.now() - from) / 1000);
    } catch (error) {
      if (signal.aborted) return;
      failed(error, !hasFailed);
      hasFailed = true;
    } finally {
      dueAt = performance.now() + Math.max(everyMs, costMs * SHARE * savers);
      isBusy = false;
      schedule();
    }
  }

  function schedule(): void {
    if (newest === null || isBusy || timer !== undefined || signal.aborted) return;
    const save = (): void => {
      timer = undefined;
      const state = newest!;
      newest = null;
      isBusy = true;
      void keep(state);
    };
    timer = setTimeout(save, Math.max(0, dueAt - performance.now())).unref();
  }

  return {
    offer(state) {
      newest = state;
      schedule();
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
