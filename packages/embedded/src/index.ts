/** Private servers for `up`, the demo and the tests: they need no installation and never outlive the process. */
export { FolderInUse, ownerOf } from './claim.ts';
export { type FindOptions, type FoundNatsServer, findNatsServer, NatsServerNotFound } from './find-nats-server.ts';
export { freePort } from './free-port.ts';
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts';
export { type Exit, type OwnedProcess, startOwned } from './owned-process.ts';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts';
export { NoPostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
export type { PostgresTls } from './postgres-tls.ts';
export { ServerFailed } from './server-failed.ts';
export { type TempDir, tempDir } from './temp-dir.ts';
