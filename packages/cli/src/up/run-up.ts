import { rmSync } from 'node:fs';
import { refuseStub } from '@crunch-node/config';
import { hasRoundsByCommand } from '@crunch-node/domain';
import { tempDir } from '@crunch-node/embedded';
import { armCrashPoint } from '@crunch-node/eventlog';
import { checkReplayData } from '@crunch-node/feeds';
import { paceOf } from '@crunch-node/operations/pace';
import type { Closers } from '@crunch-node/service';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen } from '../screen.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';
import { configurationOf } from './configuration.ts';
import { checkedOptions, type UpOptions, UsageError, withDemoLength } from './options.ts';
import { work } from './work.ts';

/** Runs everything in this process until a signal, a failure, or, with `--once`, the end of history. */
export async function runUp(given: UpOptions): Promise<void> {
  const options = withDemoLength(checkedOptions(given), process.env);
  const screen = createScreen();
  const loaded = await configurationOf(options, process.env, process.cwd());
  const { config } = loaded;
  refuseStub(config, paceOf(config));
  if (options.once && !hasRoundsByCommand(config) && paceOf(config) === 'live') {
    throw new UsageError(`--once needs a feed that ends, received ${config.feed.provider}`);
  }
  if (!hasRoundsByCommand(config) && config.feed.provider === 'replay') await checkReplayData(config.feed);
  for (const warning of loaded.warnings) screen.print(`warning: ${warning}`);
  const { CRUNCH_CRASH_AT, CRUNCH_STATE_DIR } = loaded.environment.values;
  armCrashPoint(CRUNCH_CRASH_AT);
  await runUntilStopped(screen, async (closers, signal) => {
    const fallback = options.demo ? () => temporaryFolder(closers) : () => DEFAULT_DATA_DIR;
    const dataDir = options.dataDir ?? CRUNCH_STATE_DIR ?? (await fallback());
    await work({ options, loaded, dataDir, screen, closers, signal });
  });
}

async function temporaryFolder(closers: Closers): Promise<string> {
  const folder = await tempDir('crunch-demo-');
  closers.push(
    `temporary folder ${folder.path}`,
    () => folder.remove(),
    () => rmSync(folder.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  );
  return folder.path;
}
