import { setTimeout as delay } from 'node:timers/promises';
import { misconfigurationOf } from '@crunch-node/postgres';
import type { ReadModel, ReadModelOptions } from '@crunch-node/projections';
import type { Namespace } from '@crunch-node/streams';
import { sql } from 'kysely';

interface Where {
  /** an address as `parseAddress` reads it */
  readonly databaseUrl: string;
  readonly namespace: Namespace;
}

/** As the API connects to Postgres. */
export const reportReading = ({ databaseUrl, namespace }: Where): ReadModelOptions => ({
  url: databaseUrl,
  schema: namespace.schema,
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 15_000, // the UI waits no longer
  applicationName: 'crunch-node report',
});

/** The same for an operator's own routes. */
export const customRoutesReading = (where: Where): ReadModelOptions => ({
  ...reportReading(where),
  applicationName: 'crunch-node custom routes',
  readOnly: true,
});

const LOOK_AGAIN_MS = 5_000;

/**
 * Queries Postgres until it answers, so that a configuration that cannot work is known before the first request.
 * @param reportRemedy called once per remedy, and with an empty one when the fault is over
 */
export async function findMisconfiguration(
  db: ReadModel['db'],
  signal: AbortSignal,
  reportRemedy: (remedy: string, error?: Error) => void,
): Promise<void> {
  let lastRemedy = '';
  while (!signal.aborted) {
    try {
      await sql`select 1`.execute(db);
      if (lastRemedy !== '') reportRemedy('');
      return;
    } catch (error) {
      const remedy = misconfigurationOf(error) ?? '';
      if (!signal.aborted && remedy !== lastRemedy) reportRemedy(remedy, remedy === '' ? undefined : (error as Error));
      lastRemedy = remedy;
    }
    await delay(LOOK_AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
