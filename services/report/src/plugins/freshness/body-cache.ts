import { promisify } from 'node:util';
import { gzip as gzipWith } from 'node:zlib';
import { digest } from './standing.ts';

const gzip = promisify(gzipWith);
/** Below this, compressing a response saves nothing. */
const WORTH_COMPRESSING = 1_400;
/** Rows of numbers: higher levels take several times longer and save a few percent. */
const LEVEL = 4;

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

export function bodyOf(bytes: Buffer, contentType: string, headers: Body['headers'] = {}): Body {
  let compressing: Promise<Buffer> | undefined;
  return {
    bytes,
    contentType,
    headers,
    content: digest(bytes),
    compressed() {
      if (bytes.length < WORTH_COMPRESSING) return undefined;
      compressing ??= gzip(bytes, { level: LEVEL });
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
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const drop = (resource: string): void => {
    const entry = entries.get(resource);
    if (entry === undefined) return;
    bytes -= entry.body.size + resource.length;
    entries.delete(resource);
  };
  return {
    get(resource, validator) {
      const entry = entries.get(resource);
      if (entry?.validator !== validator) return undefined;
      entries.delete(resource); // a map keeps the order of insertion: the newest use goes to its end
      entries.set(resource, entry);
      return entry.body;
    },
    put(resource, validator, body) {
      drop(resource);
      if (body.size > maxBytes / 4) return;
      entries.set(resource, { validator, body });
      bytes += body.size + resource.length;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
    get bytes() {
      return bytes;
    },
  };
}
