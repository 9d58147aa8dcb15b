import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { decodeEvent, encodeEvent } from './codec.ts';
import { defineEvent, defineStream, InvalidEvent } from './define.ts';
import { FeedRecorded, feeds } from './feeds.ts';

const AT = '2024-01-01T00:01:00.000000Z';
const record = FeedRecorded.at(AT, {
  source: 'binance',
  subject: 'BTC/USDT',
  kind: 'candle',
  granularity: '1m',
  ts_event: 1_704_067_200_000,
  values: { close: 42_000.5 },
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the envelope', () => {
  it('is JSON a stranger can read, with observations beside the facts', () => {
    assert.deepEqual(JSON.parse(new TextDecoder().decode(encodeEvent(record, { host: 'a' }))), {
      id: 'feed:binance:BTC%2FUSDT:candle:1m:1704067200000',
      type: 'FeedRecorded',
      v: 1,
      at: AT,
      data: record.data,
      obs: { host: 'a' },
    });
    const decoded = decodeEvent(feeds, encodeEvent(record, { host: 'a' }));
    assert.deepEqual(decoded, { kind: 'event', event: record, obs: { host: 'a' } });
    assert.deepEqual(decodeEvent(feeds, encodeEvent(record)), { kind: 'event', event: record });
  });

  it('names what is wrong with a message and never throws', () => {
    const faults: [string, RegExp][] = [
      ['', /JSON text/],
      ['nonsense', /JSON text/],
      ['[]', /envelope/],
      ['{"id":"x"}', /envelope/],
      [JSON.stringify({ ...record, at: '2024-01-01' }), /envelope/],
      [JSON.stringify({ ...record, data: { ...record.data, ts_event: 'soon' } }), /ts_event.*received "soon"/],
      [JSON.stringify({ ...record, obs: 3 }), /obs/],
    ];
    for (const [text, expected] of faults) {
      const decoded = decodeEvent(feeds, bytes(text));
      assert.equal(decoded.kind, 'malformed', text);
      assert.match(decoded.kind === 'malformed' ? decoded.reason : '', expected);
    }
    fc.assert(fc.property(fc.uint8Array(), (payload) => decodeEvent(feeds, payload).kind !== 'event'));
  });

  it('skips a type and a version of the future', () => {
    assert.equal(decodeEvent(feeds, bytes(JSON.stringify({ ...record, type: 'FeedRetired' }))).kind, 'unknown');
    assert.equal(decodeEvent(feeds, bytes(JSON.stringify({ ...record, v: 2 }))).kind, 'unknown');
  });

  it('reads a version of the past through its upcasters', () => {
    const Renamed = defineEvent('Renamed', {
      v: 3,
      data: Type.Object({ name: Type.String(), length: Type.Integer() }),
      id: ({ name }) => name,
      natsSubject: () => 'renamed.all',
      upcasters: {
        1: ({ title }) => ({ name: title ?? null }),
        2: (data) => ({ ...data, length: String(data.name).length }),
      },
    });
    const stream = defineStream('RENAMED', ['renamed.*'], [Renamed]);
    const old = { id: 'abc', type: 'Renamed', v: 1, at: AT, data: { title: 'abc' } };
    assert.deepEqual(decodeEvent(stream, bytes(JSON.stringify(old))), {
      kind: 'event',
      event: { ...old, v: 3, data: { name: 'abc', length: 3 } },
    });
    const nameless = decodeEvent(stream, bytes(JSON.stringify({ ...old, data: {} })));
    assert.equal(nameless.kind, 'malformed');
    const ancient = decodeEvent(stream, bytes(JSON.stringify({ ...old, v: 0 })));
    assert.match(ancient.kind === 'malformed' ? ancient.reason : '', /no upcaster for Renamed from version 0/);
  });

  it('refuses to make an event its schema does not allow', () => {
    assert.throws(
      () => FeedRecorded.at(AT, { ...record.data, ts_event: 0.5 }),
      (error: unknown) => error instanceof InvalidEvent && /ts_event/.test(error.message),
    );
  });
});
