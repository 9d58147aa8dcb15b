import { createClient, receivesNotifications } from '@crunch-node/postgres';
import type { Pool } from 'pg';
import { type AttemptContext, persist } from '../../rows/index.ts';
import { NEEDS_SESSION } from './check.ts';
import { connectionOptions } from './connect.ts';
import { quoted, type TableSettings } from './settings.ts';

/**
 * Calls `wake` on every notification, and after each loss of the connection, until the signal aborts. It needs a
 * session of the server: behind a pooler that lends those by transaction it reports so once and leaves it to polling.
 */
export async function listenForNotifications(
  settings: TableSettings,
  pool: Pool,
  context: AttemptContext,
  wake: () => void,
): Promise<void> {
  const { signal, reports } = context;
  const { queryTimeoutMs: _, ...options } = connectionOptions(settings);
  const listen = async (): Promise<void> => {
    const client = createClient(settings.address, options);
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the server ended the connection')));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    lost.catch(() => undefined);
    try {
      await client.connect();
      if (!(await receives(client))) return;
      client.on('notification', wake);
      await client.query(`listen ${quoted(settings.notifyChannel ?? '')}`);
      wake();
      await lost;
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  async function receives(client: ReturnType<typeof createClient>): Promise<boolean> {
    const other = await pool.connect();
    try {
      if (await receivesNotifications(client, other)) return true;
    } finally {
      other.release();
    }
    const { notifyChannel, pollMs } = settings;
    reports.notice(NEEDS_SESSION, { notify_channel: notifyChannel ?? '', poll_seconds: pollMs / 1000 });
    return false;
  }
  await persist(context, 'listening for notifications', listen).catch(() => undefined);
}
