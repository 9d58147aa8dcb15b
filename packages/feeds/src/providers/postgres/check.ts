import type { FeedSettings } from '@crunch-node/domain';
import { createClient, receivesNotifications } from '@crunch-node/postgres';
import { FeedUnusable } from '../../rows/index.ts';
import { connectionOptions, openPool } from './connect.ts';
import { tableSettings } from './settings.ts';
import { pageTable } from './table.ts';

/**
 * Connects as the feed does, and looks whether the table has what is needed.
 * @returns what was found, for people
 * @throws {InvalidFeedOption} {FeedUnusable} and what the connection fails with
 */
export async function checkPostgresFeed(settings: FeedSettings): Promise<string> {
  const table = tableSettings(settings);
  const pool = openPool(table);
  const client = createClient(table.address, connectionOptions(table));
  client.on('error', () => undefined);
  try {
    const { names } = await pageTable(pool, table);
    if (table.notifyChannel !== null) {
      await client.connect();
      const other = await pool.connect();
      const receives = await receivesNotifications(client, other).finally(() => other.release());
      if (!receives) throw new FeedUnusable(NEEDS_SESSION);
    }
    return `${table.table} of ${table.address.shown} has ${names.join(', ')}`;
  } finally {
    await Promise.all([client.end().catch(() => undefined), pool.end()]);
  }
}

export const NEEDS_SESSION =
  'notify_channel needs a session of the server, and a pooler in between lends sessions by transaction: rows are ' +
  'polled for alone. Give postgres_uri the address of the server itself, or of a pool with pool_mode = session';
