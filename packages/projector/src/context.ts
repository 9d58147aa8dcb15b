import type { EventLog } from '@crunch-node/eventlog';
import type { Logger } from '@crunch-node/service';
import type { Namespace } from '@crunch-node/streams';
import type { Registry } from 'prom-client';

/** Dependencies for running and rebuilding projections. */
export interface ProjectContext {
  readonly log: EventLog;
  /** `postgres://…` */
  readonly databaseUrl: string;
  readonly namespace: Namespace;
  readonly logger: Logger;
  readonly metrics?: Registry;
}
