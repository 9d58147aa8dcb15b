import { tempDir } from '@crunch-node/embedded';
import closeWithGrace from 'close-with-grace';
import { createClosers } from '../closers.ts';
import { DEFAULT_DATA_DIR } from '../environment.ts';
import { createScreen } from '../screen.ts';
import { configurationOf } from './configuration.ts';
import { checkedOptions, type UpOptions } from './options.ts';
import { work } from './work.ts';

/** Each of what was started has so long to stop, all of it together four times as long. */
const STOP_ONE_MS = 15_000;

/**
 * Runs everything in this process until a signal, a failure, or, with `--once`, the end of history. Ends the process:
 * with 0 when it was asked to stop or has finished, with 1 after a failure.
 */
export async function runUp(given: UpOptions): Promise<void> {
  const options = checkedOptions(given);
  const screen = createScreen();
  const loaded = await configurationOf(options, process.env, process.cwd());
  for (const warning of loaded.warnings) screen.say(`warning: ${warning}`);

  const closers = createClosers(STOP_ONE_MS);
  const stopping = new AbortController();
  let failure: unknown;
  const grace = closeWithGrace(
    {
      delay: 4 * STOP_ONE_MS,
      logger: undefined,
      onSecondSignal: () => screen.say('stopping at once'),
      onTimeout: () => screen.say('gave up waiting for the rest to stop'),
    },
    async ({ signal, err }) => {
      if (err !== undefined) screen.say(`crunch-node: ${err.stack ?? err.message}`);
      if (signal !== undefined) screen.say(`stopping on ${signal}; once more stops at once`);
      stopping.abort();
      for (const fault of await closers.close()) screen.say(`could not stop ${fault}`);
      if (failure !== undefined) throw failure;
    },
  );
  try {
    const dataDir =
      options.dataDir ?? loaded.environment.values.CRUNCH_DATA_DIR ?? (options.demo ? null : DEFAULT_DATA_DIR);
    const folder = dataDir ?? (await temporaryFolder(closers.push));
    await work({ options, loaded, dataDir: folder, screen, closers, signal: stopping.signal });
  } catch (error) {
    // Once it stops, whatever still runs into a closed door is no failure.
    if (stopping.signal.aborted) return;
    failure = error;
    screen.say(`crunch-node: ${(error as Error).message}`);
  }
  if (!stopping.signal.aborted) grace.close();
}

async function temporaryFolder(closing: (name: string, close: () => Promise<void>) => void): Promise<string> {
  const folder = await tempDir('crunch-demo-');
  closing('temporary folder', () => folder.remove());
  return folder.path;
}
