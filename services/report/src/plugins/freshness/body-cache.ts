import { promisify } from 'node:util';
import { gzip as gzipWith } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { digest } from './standing.ts';

const gzip = promisify(gzipWith);
/** Below this, compressing a response saves nothing. */
const WORTH_COMPRESSING = 1_400;
/** Rows of numbers: higher levels take several times longer and save a few percent. */
export const COMPRESSION_LEVEL = 4;

/** A response as it is sent. */
export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** its other headers */
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
  /** made on first use */
  compressed(): Promise<Buffer> | undefined;
  /** what it takes in memory, compressed form included */
  readonly size: number;
}

/** @param compress how it is compressed; default: all of it at once */
export function bodyOf(
  bytes: Buffer,
  contentType: string,
  headers: Body['headers'] = {},
  compress: () => Promise<Buffer> | undefined = () => undefined,
): Body {
  let compressing: Promise<Buffer> | undefined;
  return {
    bytes,
    contentType,
    headers,
    content: digest(bytes),
    compressed() {
      if (bytes.length < WORTH_COMPRESSING) return undefined;
      compressing ??= compress() ?? gzip(bytes, { level: COMPRESSION_LEVEL });
      return compressing;
    },
    size: 2 * bytes.length + 512,
  };
}

interface Entry {
  readonly validator: string;
  readonly body: Body;
}

/** The newest response of each resource, bounded by bytes: the least recently requested is evicted first. */
export interface BodyCache {
  /** Only what is a function of exactly this validator. */
  get(resource: string, validator: string): Body | undefined;
  put(resource: string, validator: string, body: Body): void;
  readonly bytes: number;
}

export function bodyCache(maxBytes: number): BodyCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: Math.max(1, maxBytes),
    // One large answer must not take the place of all others.
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 4)),
    sizeCalculation: ({ body }, resource) => body.size + resource.length,
  });
  return {
    get(resource, validator) {
      const entry = entries.get(resource);
      return entry?.validator === validator ? entry.body : undefined;
    },
    put(resource, validator, body) {
      entries.set(resource, { validator, body });
    },
    get bytes() {
      return entries.calculatedSize;
    },
  };
}
