import { after, afterEach, before, beforeEach } from 'node:test';
import { privateNats, privatePostgres } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { digestTables, openReadModel, type ReadModel, type TableDigest } from '@crunch-node/projections';
import { listGenerations } from '@crunch-node/projections/generations';
import { listPositions, type ReplayContext } from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import { allStreams, type Instant, instantOfMillis, namespaceOf } from '@crunch-node/streams';
import { type ProjectService, startProject } from '../start.ts';

/** Servers of one test file. */
export async function openServers() {
  const [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
  return {
    nats,
    postgres,
    async stop(): Promise<void> {
      await Promise.all([nats.stop(), postgres.stop()]);
    },
  };
}
type Servers = Awaited<ReturnType<typeof openServers>>;

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** Servers for a suite, and a scene for each of its tests, created when the test begins. */
export function openSceneForEach(begin: (scene: Scene) => void): void {
  let servers: Servers;
  let scene: Scene;
  let count = 0;
  before(async () => {
    servers = await openServers();
  });
  after(() => servers?.stop());
  beforeEach(async () => {
    scene = await openScene(servers, `run${++count}`);
    begin(scene);
  });
  afterEach(() => scene?.close());
}

const START = Date.UTC(2026, 10, 21, 19);

/** The instant so many minutes after the sample log begins. */
export const later = (minutes: number): Instant => instantOfMillis(START + minutes * 60_000);

/** A log and a read model of its own, with what is observed during a replay. */
export async function openScene(servers: Servers, name: string) {
  const namespace = namespaceOf(name);
  const log: EventLog = await connectLog({ url: servers.nats.url, namespace });
  await log.ensureStreams(allStreams);
  const databaseUrl = servers.postgres.url;
  const readModel: ReadModel = openReadModel({ url: databaseUrl, schema: namespace.schema });
  const services: ProjectService[] = [];
  const context = (more: Partial<ReplayContext> = {}): ReplayContext => ({
    log,
    databaseUrl,
    namespace,
    logger: createLogger('silent'),
    ...more,
  });
  return {
    namespace,
    log,
    readModel,
    context,
    start(): ProjectService {
      const service = startProject(context());
      services.push(service);
      return service;
    },
    digest: (): Promise<readonly TableDigest[]> => digestTables(readModel.db, readModel.schema, { all: true }),
    async slots(): Promise<readonly string[]> {
      const all = await listGenerations(readModel.db, readModel.schema);
      return all.map(({ projection, slot, stage }) => `${projection} ${slot} ${stage}`);
    },
    async positionOf(wanted: string) {
      return (await listPositions(readModel.db, readModel.schema)).find(({ projection }) => projection === wanted);
    },
    async close(): Promise<void> {
      await Promise.all(services.map((service) => service.stop()));
      await readModel.close();
      await log.close();
    },
  };
}
