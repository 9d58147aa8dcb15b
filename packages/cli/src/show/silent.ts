import type { SilentEnsemble } from '@crunch-node/projections';

/** Why ensembles give no signals; empty where all do. */
export const silentText = (silent: readonly SilentEnsemble[]): string =>
  silent.map(({ name, reason }) => `  no signals of ${name}: ${reason}`).join('\n');
