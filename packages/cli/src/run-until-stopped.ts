import { type Closers, createClosers } from '@crunch-node/service';
import closeWithGrace from 'close-with-grace';
import type { Screen } from './screen.ts';

/** Time for each started part to stop; all together have four times as long. */
const STOP_ONE_MS = 15_000;

/**
 * Runs something until it returns, fails, or a signal comes, then stops all it has started and ends the process: with
 * 0 when it was stopped or has finished, with 1 after a failure. A second signal ends it at once, except for what
 * would otherwise be left behind for ever.
 */
export async function runUntilStopped(
  screen: Screen,
  body: (closers: Closers, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const closers = createClosers(STOP_ONE_MS);
  const stopping = new AbortController();
  let failure: unknown;
  const grace = closeWithGrace(
    {
      delay: 4 * STOP_ONE_MS,
      logger: undefined,
      onSecondSignal() {
        screen.print('stopping at once');
        for (const fault of closers.endAtOnce()) screen.print(`left behind ${fault}`);
      },
      onTimeout: () => screen.print('gave up waiting for the rest to stop'),
    },
    async ({ signal, err }) => {
      if (err !== undefined) screen.print(`crunch-node: ${err.stack ?? err.message}`);
      if (signal !== undefined) screen.print(`stopping on ${signal}; once more stops at once`);
      stopping.abort();
      for (const fault of await closers.close()) screen.print(`could not stop ${fault}`);
      await Promise.all([process.stdout, process.stderr].map(written));
      if (failure !== undefined) throw failure;
    },
  );
  try {
    await body(closers, stopping.signal);
  } catch (error) {
    // Once it stops, whatever still runs into a closed door is no failure.
    if (stopping.signal.aborted) return;
    failure = error;
    screen.print(`crunch-node: ${(error as Error).message}`);
  }
  if (!stopping.signal.aborted) grace.close();
}

/** Resolves when a stream has passed on all of its text: the process is ended next, and a pipe takes 64 KiB at a time. */
const written = async (stream: NodeJS.WriteStream): Promise<void> => {
  if (stream.writableLength > 0) await new Promise<void>((resolve) => void stream.write('', () => resolve()));
};
