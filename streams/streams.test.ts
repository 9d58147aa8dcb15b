import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allStreams, byCodePoint, fnv1a32, namespaceOf, partitionOf, roundId } from './index.ts';
import { anyText } from './testing/index.ts';

/** NATS matching of one pattern, `*` for one token. */
const matches = (pattern: string, natsSubject: string): boolean => {
  const expected = pattern.split('.');
  const tokens = natsSubject.split('.');
  return expected.length === tokens.length && expected.every((token, i) => token === '*' || token === tokens[i]);
};

describe('streams', () => {
  it('have subjects of their own, all with two tokens or more', () => {
    const nouns = allStreams.map(({ natsSubjects }) => natsSubjects[0]?.split('.')[0]);
    assert.equal(new Set(nouns).size, allStreams.length);
    for (const { name, natsSubjects } of allStreams) {
      for (const subject of natsSubjects) {
        assert.ok(subject.split('.').length >= 2, `${name} has the bare subject ${subject}`);
        assert.equal(subject.split('.')[0], name.toLowerCase());
      }
    }
  });

  it('capture each closing, and only with its own pattern', () => {
    for (const { name, natsSubjects, events } of allStreams) {
      const closing = events.find(({ type }) => type === 'CycleClosed');
      if (!closing) continue;
      const address = closing.natsSubjectOf({ partition: 3 } as never);
      assert.equal(natsSubjects.filter((pattern) => matches(pattern, address)).length, 1, `${name} ${address}`);
    }
  });

  it('give every type of event one definition per stream', () => {
    for (const { events } of allStreams) assert.equal(new Set(events.map(({ type }) => type)).size, events.length);
  });
});

describe('partitions', () => {
  it('are the hash the server itself computes', () => {
    // FNV-1a reference values.
    assert.equal(fnv1a32(''), 0x811c9dc5);
    assert.equal(fnv1a32('a'), 0xe40c292c);
    assert.equal(fnv1a32('foobar'), 0xbf9cf968);
  });

  it('hold every model id', () =>
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (modelId, partitions) => {
        const p = partitionOf(modelId, partitions);
        return Number.isInteger(p) && p >= 0 && p < partitions;
      }),
    ));
});

describe('round ids', () => {
  it('are the same whatever becomes of the round', () =>
    assert.equal(roundId(2, 'btc 60', '2024-01-01T00:00:00.000001Z'), 'round:2:btc%2060:1704067200000001'));
});

describe('namespaces', () => {
  it('are empty by default and prefix everything otherwise', () => {
    assert.equal(namespaceOf().streamName('FEEDS'), 'FEEDS');
    const acme = namespaceOf('acme');
    assert.deepEqual(
      [acme.streamName('FEEDS'), acme.natsSubject('feeds.cycle'), acme.schema],
      ['acme_FEEDS', 'acme.feeds.cycle', 'crunch_acme'],
    );
    for (const name of ['Acme', 'a.b', '1st', 'a b']) assert.throws(() => namespaceOf(name), /CRUNCH_NAMESPACE/);
  });
});

describe('canonical order', () => {
  it('compares code points, not UTF-16 units', () => {
    const points = (text: string): number[] => [...text].map((char) => char.codePointAt(0)!);
    fc.assert(
      fc.property(anyText(), anyText(), (a, b) => {
        if (!a.isWellFormed() || !b.isWellFormed()) return true;
        const [x, y] = [points(a), points(b)];
        const i = x.findIndex((point, at) => point !== y[at]);
        const expected = i < 0 ? x.length - y.length : i >= y.length ? 1 : x[i]! - y[i]!;
        return Math.sign(byCodePoint(a, b)) === Math.sign(expected);
      }),
    );
  });
});
