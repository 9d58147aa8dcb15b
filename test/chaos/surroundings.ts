import { readFile } from 'node:fs/promises';
import type { LoadedConfig } from '@crunch-node/config';
import { findNatsServer, type Postgres, startPostgres, tempDir } from '@crunch-node/embedded';
import { connectLog } from '@crunch-node/eventlog';
import { type OrchestratorProcess, startOrchestratorProcess } from '@crunch-node/orchestrator';
import { feeds, type Namespace } from '@crunch-node/streams';
import { configurationOf } from '../../packages/cli/src/up/configuration.ts';
import { type Digests, digestsOf, freshNamespace } from '../support/pipeline.ts';
import { crunchNodeRun } from '../support/processes.ts';
import { type ChaosNats, startChaosNats } from './nats.ts';

export interface ScenarioOptions {
  /** minutes of the feed, each a cycle */
  readonly cycles: number;
  readonly feedSeed: string;
  /** of nats-server; default as `up` finds one */
  readonly natsBinary?: string;
  /** every message is on the disk before it is acknowledged */
  readonly syncAlways?: boolean;
  /** nats-servers, and copies of each stream; default 1 */
  readonly replicas?: 1 | 3;
  /** default 2 */
  readonly leaseSeconds?: number;
}

/** The result of an undisturbed run. */
export interface Undisturbed {
  readonly digests: Digests;
  /** end of the last cycle */
  readonly end: string;
}

/** Shared by all runs: servers, models, a configuration, and the result of an undisturbed run. */
export interface Surroundings {
  readonly nats: ChaosNats;
  readonly leaseSeconds: number;
  readonly natsVersion: string;
  readonly postgres: Postgres;
  readonly loaded: LoadedConfig;
  /** options after the command that define the run */
  readonly args: readonly string[];
  envOf(namespace: Namespace): NodeJS.ProcessEnv;
  undisturbed(): Promise<Undisturbed>;
  /** the last output of the servers */
  serverLogs(): Promise<string>;
  stop(): Promise<void>;
}

export async function openSurroundings(options: ScenarioOptions): Promise<Surroundings> {
  const { cycles, feedSeed, syncAlways = false, replicas = 1, leaseSeconds = 2 } = options;
  const found = await findNatsServer(
    options.natsBinary === undefined ? {} : { env: { ...process.env, NATS_SERVER_BIN: options.natsBinary } },
  );
  const folder = await tempDir('crunch-chaos-');
  const storeDir = `${folder.path}/nats`;
  const nats = await startChaosNats(found.path, storeDir, {
    replicas,
    ...(syncAlways && { moreConfig: `jetstream { store_dir: "${storeDir}/jetstream", sync_interval: always }` }),
  });
  const postgres = await startPostgres({ dataDir: `${folder.path}/postgres` });
  const days = cycles / 1_440;
  const args = ['--demo', '--feed', 'synthetic', '--seed', feedSeed, '--days', String(days)];
  const competition = { CHECKPOINT_INTERVAL_SECONDS: '1800', PARTITIONS: '8' };
  const loaded = await configurationOf(
    { demo: true, feed: 'synthetic', seed: feedSeed, days, once: false, logLevel: 'warn' },
    { ...process.env, ...competition },
    process.cwd(),
  );
  let models: OrchestratorProcess;
  try {
    models = await startOrchestratorProcess(loaded.config.crunch_id, 'realtime');
  } catch (error) {
    await postgres.stop();
    await nats.stop();
    throw error;
  }
  const { hostname, port } = new URL(models.url);

  const envOf = (namespace: Namespace): NodeJS.ProcessEnv => ({
    ...competition,
    NATS_URL: nats.server.url,
    NATS_REPLICAS: String(replicas),
    DATABASE_URL: postgres.url,
    CRUNCH_NAMESPACE: namespace.name,
    LEASE_SECONDS: String(leaseSeconds),
    SERVICE_PORT: '0',
    MODEL_RUNNER_NODE_HOST: hostname,
    MODEL_RUNNER_NODE_PORT: port,
    EXPECTED_MODELS: models.modelIds.join(','),
  });
  let expected: Promise<Undisturbed> | undefined;

  async function runUndisturbed(): Promise<Undisturbed> {
    const namespace = freshNamespace();
    const up = ['up', ...args, '--once', '--port', '0', '--data-dir', `${folder.path}/undisturbed`];
    const { code, output } = await crunchNodeRun(up, envOf(namespace)).ended;
    if (code !== 0) throw new Error(`expected an undisturbed run to end well, it ended with ${code}:\n${output}`);
    const log = await connectLog({ url: nats.server.url, namespace });
    try {
      const end = (await log.last(feeds, feeds.closingSubject()))?.event.at;
      if (end === undefined) throw new Error('expected an undisturbed run to close cycles, it closed none');
      return { digests: await digestsOf(nats.server.url, postgres.url, namespace), end };
    } finally {
      await log.close();
    }
  }

  return {
    nats,
    leaseSeconds,
    natsVersion: found.version,
    postgres,
    loaded,
    args,
    envOf,
    undisturbed: () => (expected ??= runUndisturbed()),
    async serverLogs() {
      const texts = await Promise.all([...nats.logFiles(), postgres.logFile].map((file) => readFile(file, 'utf8')));
      return texts.join('\n\n');
    },
    async stop() {
      await models.stop();
      await postgres.stop();
      await nats.stop();
      await folder.remove();
    },
  };
}
