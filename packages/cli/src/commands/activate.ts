import { loadConfig } from '@crunch-node/config';
import { activateConfig } from '@crunch-node/operations/activate';
import { paceOf } from '@crunch-node/operations/pace';
import { control } from '@crunch-node/streams';
import { withDeployment } from '../deployment.ts';

/** Makes the configuration found here the active one. Processes with another one wait until they are replaced. */
export const runActivate = ({ config: module, dataDir }: { readonly config?: string; readonly dataDir: string }) =>
  withDeployment(
    dataDir,
    async ({ screen, log: open }) => {
      const loaded = await loadConfig({
        env: process.env,
        cwd: process.cwd(),
        ...(module === undefined ? {} : { module }),
      });
      for (const warning of loaded.warnings) screen.print(`warning: ${warning}`);
      const log = await open();
      await log.ensureStreams([control]);
      const pace = paceOf(loaded.config);
      const { revision, changed } = await activateConfig(log, loaded.config, loaded.hash, pace);
      screen.result(
        changed
          ? `activated revision ${revision} (${loaded.hash.slice(0, 12)}, ${pace}) from ${loaded.origin}`
          : `revision ${revision} (${loaded.hash.slice(0, 12)}, ${pace}) is active already`,
      );
    },
    { mayBeFirst: true },
  );
