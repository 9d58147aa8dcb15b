import assert from 'node:assert/strict';
import { privatePostgres } from '@crunch-node/embedded/testing';
import { createReadModel, openReadModel, type ReadModel } from '@crunch-node/projections';
import { fill, type Sample } from '@crunch-node/projections/testing';
import { createLogger, type Logger } from '@crunch-node/service';
import type { Instant } from '@crunch-node/streams';
import { createApp } from '../app.ts';
import { defaultSecurity, type SecurityOptions } from '../plugins/security/options.ts';
import type { ReportConfig } from '../route-context.ts';
import { reportConfig } from './report-config.ts';

/** The API over a read model of a test's own. `get` returns the body of a response with status 200, as it came. */
export type Scene = Awaited<ReturnType<typeof openScene>>;

/** Fills a read model of a test's own from a log. */
export async function openScene(
  log: readonly Sample[],
  {
    config = reportConfig,
    security = defaultSecurity,
    logger = createLogger('silent'),
    now,
    watched = (db) => db,
  }: {
    readonly config?: ReportConfig;
    readonly security?: SecurityOptions;
    readonly logger?: Logger;
    readonly now: Instant;
    /** the read model as the API is to see it */
    readonly watched?: (db: ReadModel['db']) => ReadModel['db'];
  },
) {
  const postgres = await privatePostgres();
  const readModel = openReadModel({ url: postgres.url, schema: 'crunch' });
  await createReadModel(readModel.db, readModel.schema);
  await fill(readModel, log);
  const app = await createApp({
    db: watched(readModel.db),
    config,
    version: '0.1.0',
    logger,
    security,
    corsOrigins: ['*'],
    now: async () => now,
  });
  return {
    app,
    readModel,
    async get(url: string) {
      const response = await app.inject({ url });
      assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
      return response.json();
    },
    /** status and `detail` of any response */
    async refused(url: string): Promise<readonly [number, unknown]> {
      const response = await app.inject({ url });
      return [response.statusCode, response.json().detail];
    },
    async close(): Promise<void> {
      await app.close();
      await readModel.close();
      await postgres.stop();
    },
  };
}
