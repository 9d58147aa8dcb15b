import { LRUCache } from 'lru-cache';
import type { Part } from './part.ts';

/** A part with what shows whether it may be used again. */
export interface KeptPart<S> {
  readonly part: Part;
  readonly source: S;
}

/** Parts of answers, bounded by bytes: the least recently used is evicted first. */
export interface KeptParts {
  get<S>(name: string): KeptPart<S> | undefined;
  put<S>(name: string, kept: KeptPart<S>): void;
  /**
   * To be called with the positions of each request. Where one is behind what was seen, tables have been rebuilt, from a
   * log that may be another: nothing is kept then.
   */
  seen(sequences: ReadonlyMap<string, number>): void;
}

/** What a part takes besides its text: names, functions, the source. */
const OVERHEAD = 1_024;

export function keptParts(maxBytes: number): KeptParts {
  const kept = new LRUCache<string, KeptPart<unknown>>({
    maxSize: Math.max(1, maxBytes),
    // Compressed forms come later and are half as long.
    sizeCalculation: ({ part }, name) => Math.ceil(1.5 * part.text.length) + name.length + OVERHEAD,
  });
  const newest = new Map<string, number>();
  return {
    get: <S>(name: string) => kept.get(name) as KeptPart<S> | undefined,
    put: (name, part) => void kept.set(name, part),
    seen(sequences) {
      for (const [stream, sequence] of sequences) {
        if (sequence < (newest.get(stream) ?? 0)) kept.clear();
        newest.set(stream, sequence);
      }
    },
  };
}
