import { type Environment, readEnvironment } from '@crunch-node/config';
import type { EventLog } from '@crunch-node/eventlog';
import { openReadModel, type ReadModel } from '@crunch-node/projections';
import { type Closers, createClosers } from '@crunch-node/service';
import { type Namespace, namespaceOf } from '@crunch-node/streams';
import { joinEndpoints } from './endpoints.ts';
import { openLog } from './open-log.ts';
import { createScreen, type Screen } from './screen.ts';

const CLOSE_DEADLINE_MS = 20_000;

/** An existing deployment, as commands use it. */
export interface Deployment {
  readonly screen: Screen;
  readonly environment: Environment;
  readonly namespace: Namespace;
  readonly closers: Closers;
  log(): Promise<EventLog>;
  readModel(options?: { readonly connectTimeoutMs: number }): Promise<ReadModel>;
  databaseUrl(): Promise<string>;
}

/** Runs a command next to a deployment, or on the data folder it left, and closes everything it opened. */
export async function withDeployment(
  dataDir: string,
  work: (deployment: Deployment) => Promise<void>,
  { mayBeFirst = false }: { readonly mayBeFirst?: boolean } = {},
): Promise<void> {
  const screen = createScreen();
  const closers = createClosers(CLOSE_DEADLINE_MS);
  const environment = readEnvironment(process.env);
  const namespace = namespaceOf(environment.values.CRUNCH_NAMESPACE);
  const folder = environment.values.CRUNCH_STATE_DIR ?? dataDir;
  let endpoints: ReturnType<typeof joinEndpoints> | undefined;
  const joined = () =>
    (endpoints ??= joinEndpoints({ environment, dataDir: folder, closers, print: screen.print, mayBeFirst }));
  try {
    await work({
      screen,
      environment,
      namespace,
      closers,
      async log() {
        const log = await openLog((await joined()).natsUrl, environment);
        closers.push('connection', () => log.close());
        return log;
      },
      async readModel(more) {
        const model = openReadModel({ url: (await joined()).databaseUrl, schema: namespace.schema, ...more });
        closers.push('database connection', () => model.close());
        return model;
      },
      databaseUrl: async () => (await joined()).databaseUrl,
    });
  } finally {
    for (const fault of await closers.close()) screen.print(fault);
  }
}
