import type { Database } from '@crunch-node/projections';
import type { Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Kysely } from 'kysely';
import type { ReportConfig } from '../../route-context.ts';

/** What custom routes are passed. */
export interface CustomContext {
  /**
   * The read model, for reading: its transactions are read-only. Tables by name as in `@crunch-node/projections`, whose
   * queries all take it; in SQL of one's own a name is a view of `views_<schema>` first, then a table.
   */
  readonly db: Kysely<Database>;
  readonly config: ReportConfig;
  readonly version: string;
  /** the wall clock, or in replay the time the log has reached */
  now(): Promise<Instant>;
}

/** What a file of custom routes exports: its paths come below `/custom`. */
export type CustomRoutes = FastifyPluginAsyncTypebox<CustomContext>;
