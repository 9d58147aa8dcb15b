import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ArchivePlan, FeedArchive, StreamedFormat } from '@crunch-node/archive';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpFault } from '../plugins/http/errors.ts';
import type { Slots } from '../plugins/http/slots.ts';

/** A client that takes longer to read a response is treated as gone. */
const LONGEST_MS = 15 * 60_000;

/** Status of nginx for a client that closed the connection, which is no fault of the server. */
const CLIENT_HAS_LEFT = 499;

/** Aborted when the client goes away or takes too long. */
export function clientSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const leave = (): void => gone.abort(new HttpFault(CLIENT_HAS_LEFT, 'the client has gone away'));
  const over = setTimeout(() => gone.abort(new HttpFault(503, 'the answer took too long')), LONGEST_MS);
  over.unref();
  reply.raw.once('close', () => {
    clearTimeout(over);
    if (!reply.raw.writableFinished) leave();
  });
  if (request.raw.destroyed && !request.raw.complete) leave();
  return gone.signal;
}

/** Pieces are computed as the client reads them, for a few responses at a time. */
export function streamOf(
  archive: FeedArchive,
  plan: ArchivePlan,
  format: StreamedFormat,
  slots: Slots,
  signal: AbortSignal,
): Readable {
  const bytes = archive.bytes(plan, format);
  async function* inTurn(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const { done, value } = await slots.run(() => bytes.next());
        if (done) return;
        yield value;
      }
    } finally {
      await bytes.return(undefined);
    }
  }
  const stream = Readable.from(inTurn(), { objectMode: false });
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  return stream;
}

/** A Parquet file is sent once it is complete, so its length is known. */
export async function parquetOf(
  archive: FeedArchive,
  plan: ArchivePlan,
  slots: Slots,
  signal: AbortSignal,
): Promise<{ readonly stream: Readable; readonly length: number }> {
  const { file, remove } = await slots.run(() => archive.parquet(plan, signal));
  const { size } = await stat(file);
  const stream = createReadStream(file);
  // An open file remains readable until it is closed, even when its name is replaced.
  stream.once('open', () => void remove());
  stream.once('error', () => void remove());
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  return { stream, length: size };
}
