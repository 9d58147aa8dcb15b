import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** So many characters go to the socket at once. */
const CHUNK_CHARS = 256 * 1024;

/**
 * Sends lines of `COPY`'s text format. In the transaction its connection is in; whatever fails, the connection is as
 * usable as after any failed statement.
 * @param target table with its columns, quoted
 */
export async function copyLines(client: pg.ClientBase, target: string, lines: Iterable<string>): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target} from stdin`));
  const done = finished(stream);
  done.catch(() => undefined);
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARS) continue;
    const hasRoom = stream.write(chunk);
    chunk = '';
    if (!hasRoom) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end(chunk);
  await done;
}
