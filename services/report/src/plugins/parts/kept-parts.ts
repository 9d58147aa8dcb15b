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
  clear(): void;
}

/** What a part takes besides its text: names, functions, the source. */
const OVERHEAD = 1_024;

export function keptParts(maxBytes: number): KeptParts {
  const kept = new LRUCache<string, KeptPart<unknown>>({
    maxSize: Math.max(1, maxBytes),
    // Compressed forms come later and are half as long.
    sizeCalculation: ({ part }, name) => Math.ceil(1.5 * part.text.length) + name.length + OVERHEAD,
  });
  return {
    get: <S>(name: string) => kept.get(name) as KeptPart<S> | undefined,
    put: (name, part) => void kept.set(name, part),
    clear: () => kept.clear(),
  };
}
