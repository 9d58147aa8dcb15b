import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** So many bytes go to the socket at once. */
const CHUNK_BYTES = 256 * 1024;
/** Most bytes of a character of a string in UTF-8. */
const BYTES_PER_CHAR = 3;

/** Lines of `COPY`'s text format as bytes, so that hardly an object is left of many rows until they are sent. */
export interface CopyText {
  add(line: string): void;
  chunks(): readonly Uint8Array[];
}

export function copyText(): CopyText {
  const full: Uint8Array[] = [];
  let chunk = Buffer.alloc(0);
  let used = 0;
  return {
    add(line) {
      const mostBytes = line.length * BYTES_PER_CHAR;
      if (used + mostBytes > chunk.length) {
        if (used > 0) full.push(chunk.subarray(0, used));
        chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, mostBytes));
        used = 0;
      }
      used += chunk.write(line, used);
    },
    chunks: () => (used > 0 ? [...full, chunk.subarray(0, used)] : full),
  };
}

/**
 * Sends lines. In the transaction its connection is in; whatever fails, the connection is as usable as after any failed
 * statement.
 * @param target table with its columns, quoted
 */
export async function copyLines(client: pg.ClientBase, target: string, text: CopyText): Promise<void> {
  const chunks = text.chunks();
  if (chunks.length === 0) return;
  const stream = client.query(copyFrom(`copy ${target} from stdin`));
  const done = finished(stream);
  done.catch(() => undefined);
  for (const chunk of chunks) {
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), done]);
  }
  stream.end();
  await done;
}
