import pg from 'pg';
import { type AttemptMeans, persist } from '../../rows/index.ts';
import { clientOptions } from './connect.ts';
import { quoted, type TableSettings } from './settings.ts';

/** Calls `wake` on every notification, and after each loss of the connection, until the signal aborts. */
export async function listenForNotifications(
  settings: TableSettings,
  means: AttemptMeans,
  wake: () => void,
): Promise<void> {
  const { signal } = means;
  const { statement_timeout: _, ...options } = clientOptions(settings);
  const listen = async (): Promise<void> => {
    const client = new pg.Client(options);
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the server ended the connection')));
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    lost.catch(() => undefined);
    try {
      await client.connect();
      client.on('notification', wake);
      await client.query(`listen ${quoted(settings.notifyChannel ?? '')}`);
      wake();
      await lost;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  await persist(means, 'listening for notifications', listen).catch(() => undefined);
}
