import { openReadModel } from '@crunch-node/projections';
import { createLogger } from '@crunch-node/service';
import type { FastifyInstance } from 'fastify';
import { type AppOptions, createApp } from '../app.ts';
import { reportConfig } from './report-config.ts';

/** The API without database or log: what it responds before it queries a database. Nothing listens on port 1. */
export async function unconnectedApp(options: Partial<AppOptions> = {}): Promise<FastifyInstance> {
  const readModel = openReadModel({ url: 'postgres://127.0.0.1:1/none', schema: 'crunch', connectTimeoutMs: 1_000 });
  const app = await createApp({
    db: readModel.db,
    config: reportConfig,
    version: '0.1.0',
    logger: createLogger('silent'),
    corsOrigins: ['*'],
    now: async () => '2026-11-21T19:09:00.000000Z',
    ...options,
  });
  app.addHook('onClose', () => readModel.close());
  return app;
}
