import { describeConfig, describeEnvironment, loadConfig } from '@crunch-node/config';
import { createScreen } from '../screen.ts';

/** Prints the configuration in force and the environment, secrets masked. */
export async function runConfig({ config: module }: { readonly config?: string }): Promise<void> {
  const screen = createScreen();
  const loaded = await loadConfig({
    env: process.env,
    cwd: process.cwd(),
    ...(module === undefined ? {} : { module }),
  });
  for (const warning of loaded.warnings) screen.print(`warning: ${warning}`);
  screen.result(
    JSON.stringify(
      {
        origin: loaded.origin,
        hash: loaded.hash,
        environment: describeEnvironment(loaded.environment),
        config: describeConfig(loaded.config),
      },
      null,
      2,
    ),
  );
}
