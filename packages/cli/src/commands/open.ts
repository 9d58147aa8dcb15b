import { readEnvironment } from '@crunch-node/config';
import { builtPages } from '@crunch-node/launcher/page';
import { knownEndpoints } from '../endpoints.ts';
import { createScreen } from '../screen.ts';

export interface OpenOptions {
  readonly json?: boolean;
  readonly dataDir: string;
}

/** Addresses of servers running in a data folder, or named by the environment. Starts nothing. */
export async function runOpen({ json, dataDir }: OpenOptions): Promise<void> {
  const environment = readEnvironment(process.env);
  const folder = environment.values.CRUNCH_STATE_DIR ?? dataDir;
  const { natsUrl, databaseUrl, apiUrl, monitorUrl } = await knownEndpoints(environment, folder, true);
  const facts = {
    ...(apiUrl !== undefined && {
      ...(builtPages().web !== undefined && { page: `${apiUrl}/` }),
      api: `${apiUrl}/docs`,
      leaderboard: `${apiUrl}/reports/leaderboard`,
    }),
    ...(monitorUrl !== undefined && { health: `${monitorUrl}/readyz`, metrics: `${monitorUrl}/metrics` }),
    nats: natsUrl,
    postgres: databaseUrl,
  };
  const lines = Object.entries(facts).map(([name, address]) => `${name.padEnd(12)} ${address}`);
  createScreen().result(json ? JSON.stringify(facts) : lines.join('\n'));
}
