import type { Parameter } from '../http/query.ts';

/** Stream → sequence that has to be applied. */
export type Wanted = ReadonlyMap<string, number>;

const ONE = /^(?:([A-Z]+):)?(\d{1,15})$/;

/**
 * `SCORES:120`, or several of them separated by commas, as in `X-Crunch-Position` and `X-Crunch-Written`. For an
 * endpoint that reads one stream the number is enough. Streams it does not read are not awaited.
 */
export function minSeq(streams: readonly string[], known: ReadonlySet<string>): Parameter<Wanted | undefined> {
  const [only, another] = streams;
  const expected =
    another === undefined
      ? `a sequence of ${only}, such as 120 or ${only}:120`
      : `sequences with their streams (${streams.join(', ')}), such as ${only}:120`;
  return {
    schema: { type: 'string', description: `answer when this is applied, within some seconds: ${expected}` },
    absent: undefined,
    parse(texts) {
      const wanted = new Map<string, number>();
      const parts = texts.flatMap((text) => text.split(',')).map((part) => part.trim());
      for (const part of parts) {
        const [, stream = another === undefined ? only : undefined, sequence] = ONE.exec(part) ?? [];
        if (sequence === undefined || stream === undefined || !known.has(stream))
          return { fault: { type: 'min_seq_parsing', msg: `Expected ${expected}` } };
        if (streams.includes(stream)) wanted.set(stream, Math.max(Number(sequence), wanted.get(stream) ?? 0));
      }
      return { value: wanted };
    },
  };
}

export const isReached = (wanted: Wanted, applied: ReadonlyMap<string, number>): boolean =>
  [...wanted].every(([stream, sequence]) => (applied.get(stream) ?? 0) >= sequence);

export const spelt = (wanted: Wanted): string =>
  [...wanted].map(([stream, sequence]) => `${stream}:${sequence}`).join(', ');
