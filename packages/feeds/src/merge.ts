import type { FeedRecord } from '@crunch-node/domain';
import { byAtAndKey } from './record.ts';

/**
 * Several sources, each ascending by `(at, feed key)`, as one that is. Equal records come in the order of their
 * sources. Every source is closed when the reader leaves early.
 */
export async function* mergeRecords(sources: readonly AsyncIterable<FeedRecord>[]): AsyncIterable<FeedRecord> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (;;) {
      let first = -1;
      for (let i = 0; i < heads.length; i++) {
        const head = heads[i]!;
        if (head.done) continue;
        if (first < 0 || byAtAndKey(head.value, heads[first]!.value) < 0) first = i;
      }
      if (first < 0) return;
      yield heads[first]!.value;
      heads[first] = await iterators[first]!.next();
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}
