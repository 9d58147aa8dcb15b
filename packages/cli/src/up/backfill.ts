import { type BackfillOptions, startBackfill } from '@crunch-node/backfill';
import type { Environment } from '@crunch-node/config';
import type { ReportOptions } from '@crunch-node/report';
import type { Service } from '@crunch-node/service';

/** Below the folder the command is run in, as the API has it. */
const DEFAULT_DIR = 'data/backfill';

export const archiveOf = ({ values }: Environment): NonNullable<ReportOptions['archive']> => ({
  dir: values.BACKFILL_DATA_DIR ?? DEFAULT_DIR,
  ...(values.BACKFILL_QUERY_ROW_LIMIT !== undefined && { rowLimit: values.BACKFILL_QUERY_ROW_LIMIT }),
});

/** The service, as the environment wants it. */
export const startBackfillOf = (
  { values }: Environment,
  context: Pick<BackfillOptions, 'log' | 'logger' | 'feed'>,
): Service =>
  startBackfill({
    ...context,
    dataDir: values.BACKFILL_DATA_DIR ?? DEFAULT_DIR,
    ...(values.BACKFILL_CONCURRENCY !== undefined && { concurrency: values.BACKFILL_CONCURRENCY }),
    ...(values.BACKFILL_PAGE_SIZE !== undefined && { pageSize: values.BACKFILL_PAGE_SIZE }),
  });
