import { openFeedArchive } from '@crunch-node/archive';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { createSlots } from '../plugins/http/slots.ts';
import type { RouteContext } from '../route-context.ts';
import { fileRoutes } from './files.ts';
import { gapRoutes } from './gaps.ts';
import { recordRoutes } from './records.ts';

const DEFAULT_ARCHIVE = { dir: 'data/backfill', rowLimit: 1_000_000 } as const;

const COMPUTING = 2;
const WAITING = 32;

/** The archive of feed records: its index, its files, and their records. */
export const dataRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { archive: settings, logger }) => {
  const { dir, rowLimit } = { ...DEFAULT_ARCHIVE, ...settings };
  const archive = openFeedArchive({
    root: dir,
    onUnreadable: (file, error) => logger?.warn({ err: error, file }, 'archive file unreadable'),
  });
  app.addHook('onClose', () => archive.close());
  const context = {
    archive,
    slots: createSlots({ atOnce: COMPUTING, waiting: WAITING, what: 'queries of the archive' }),
    rowLimit,
  };
  await app.register(fileRoutes, context);
  await app.register(gapRoutes, context);
  await app.register(recordRoutes, context);
};
