import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

/**
 * Whether a pooler is between this process and the server. A pooler invents a process id for each client, since it
 * shares the connections of the server.
 */
export async function isBehindPooler(client: pg.ClientBase): Promise<boolean> {
  const { processID } = client as unknown as { processID: number | null };
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid !== processID;
}

const PATIENCE_MS = 3_000;

/**
 * Whether notifications reach a connection: through a pooler in transaction mode, `listen` is accepted but no
 * notification arrives. Only tested when there is a pooler, since it takes a notification to find out; on a channel of
 * its own.
 * @param other another connection, to notify on
 */
export async function receivesNotifications(client: pg.Client, other: pg.ClientBase): Promise<boolean> {
  if (!(await isBehindPooler(client))) return true;
  const channel = `crunch_node_${randomBytes(9).toString('hex')}`;
  const over = new AbortController();
  const markReceived = new Promise<true>((resolve) => {
    const listen = (message: pg.Notification): void => {
      if (message.channel === channel) resolve(true);
    };
    client.on('notification', listen);
    over.signal.addEventListener('abort', () => client.off('notification', listen));
  });
  try {
    await client.query(`listen ${channel}`);
    await other.query(`notify ${channel}`);
    return await Promise.race([markReceived, delay(PATIENCE_MS, false, { signal: over.signal })]);
  } finally {
    over.abort();
    await client.query(`unlisten ${channel}`).catch(() => undefined);
  }
}
