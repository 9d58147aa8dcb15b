import { once } from 'node:events';
import { fstat, type ReadStream } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { send } from '@fastify/send';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendFault } from '../plugins/http/errors.ts';
import { byteRanges } from './byte-ranges.ts';

const statOf = promisify(fstat);
/** A file is replaced at most once per page of a backfill, so retries are few. */
const ATTEMPTS = 5;

/**
 * Sends a file or the requested range of it. Files are replaced and never changed in place, so size and time identify
 * their bytes: the tag is a strong one, and valid for `If-Range`.
 * @param path absolute, and known to be one that may be sent
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, path: string): Promise<FastifyReply> {
  let asked = withReadableRange(request);
  for (let attempt = 1; ; attempt++) {
    const answer = await send(asked, encodeURI(path), {
      cacheControl: false,
      contentType: false,
      dotfiles: 'allow',
      index: false,
    });
    if (answer.type === 'error') {
      answer.stream.destroy();
      if (answer.statusCode === 416 && END_OF_FILE.test(asked.headers.range ?? '')) {
        asked = withHeaders(asked, { range: 'bytes=0-' });
        continue;
      }
      return refuse(reply, answer.statusCode, answer.headers as Headers);
    }
    if (answer.type === 'directory') return sendFault(reply, 404, 'Not Found');
    // Between looking at a file and opening it, another may have taken its name.
    if (await isAnother(answer.stream as ReadStream, answer.metadata.stat.ino)) {
      answer.stream.destroy();
      if (attempt < ATTEMPTS) continue;
      return sendFault(reply, 503, 'the file is being written: try again');
    }
    const { ETag, ...headers } = answer.headers as Headers;
    reply.code(answer.statusCode).headers(headers);
    if (ETag !== undefined) reply.header('etag', ETag.replace(/^W\//, ''));
    if (answer.statusCode !== 304) {
      reply.type('application/octet-stream');
      reply.header('content-disposition', `attachment; filename="${basename(path)}"`);
    }
    return reply.send(answer.stream);
  }
}

type Headers = Record<string, string>;
type Asked = FastifyRequest['raw'];

/**
 * So many bytes from the end: what readers of Parquet begin with. Of a shorter file that is all of it (RFC 9110, 14.1.2),
 * which the library refuses.
 */
const END_OF_FILE = /^bytes=\s*-0*[1-9]\d*\s*$/;

/** The only parts of a request the library reads. */
const withHeaders = ({ method, headers }: Asked, others: Headers): Asked =>
  ({ method, headers: { ...headers, ...others } }) as unknown as Asked;

/**
 * A range is one of a GET, written as it has to be, else it is not there (RFC 9110, 14.2). The library reads what begins
 * like one, and makes weak tags that it compares with `If-Range` as they are; clients know strong ones.
 */
function withReadableRange({ raw }: FastifyRequest): Asked {
  const { range, 'if-range': ifRange, ...others } = raw.headers;
  const ranges = raw.method === 'GET' && typeof range === 'string' ? byteRanges(range) : null;
  const isWeak = typeof ifRange === 'string' && ifRange.trim().startsWith('W/');
  if (ranges === null || isWeak) return { method: raw.method, headers: others } as Asked;
  const condition = typeof ifRange === 'string' ? { 'if-range': ifRange.trim().replace(/^"/, 'W/"') } : {};
  return { method: raw.method, headers: { ...others, ...condition, range: ranges } } as unknown as Asked;
}

async function isAnother(stream: ReadStream, inode: number): Promise<boolean> {
  // Nothing is opened for HEAD and for 304.
  if (!('fd' in stream)) return false;
  try {
    const [fd] = (await once(stream, 'open')) as [number];
    return (await statOf(fd)).ino !== inode;
  } catch {
    return true;
  }
}

function refuse(reply: FastifyReply, status: number, headers: Headers): FastifyReply {
  if (status === 416) {
    reply.header('content-range', headers['Content-Range'] ?? 'bytes */*');
    return sendFault(reply, 416, 'no part of the file lies in that range');
  }
  if (status === 412) return sendFault(reply, 412, 'the file is not the one that is meant');
  return sendFault(reply, status === 500 ? 500 : 404, status === 500 ? 'the file cannot be read' : 'Not Found');
}
