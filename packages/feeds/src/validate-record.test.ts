import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { candleRecord } from './record.ts';
import { faultOf, type RejectionReason } from './validate-record.ts';

const START = Date.UTC(2024, 0, 1);
const key = { source: 'test', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const good = candleRecord(key, START + 60_000, { open: 2, high: 4, low: 1, close: 3, volume: 0 });
const withValues = (values: Record<string, unknown>) =>
  ({ ...good, values: { ...good.values, ...values } }) as typeof good;

describe('a candle', () => {
  it('is a record when it is whole', () => assert.equal(faultOf(good), null));

  const faults: readonly [string, typeof good, RejectionReason][] = [
    ['no close', withValues({ close: undefined }), 'missing_field'],
    ['a null volume', withValues({ volume: null }), 'missing_field'],
    ['a NaN price', withValues({ open: Number.NaN }), 'not_a_number'],
    ['an infinite price', withValues({ high: Number.POSITIVE_INFINITY }), 'not_a_number'],
    ['a price in words', withValues({ low: 'low' }), 'not_a_number'],
    ['an object for a price', withValues({ low: { toString: 1 } }), 'not_a_number'],
    ['an object for a volume', withValues({ volume: { toString: 1 } }), 'not_a_number'],
    ['a zero price', withValues({ low: 0 }), 'not_positive'],
    ['a negative price', withValues({ close: -3 }), 'not_positive'],
    ['a negative volume', withValues({ volume: -1 }), 'negative_volume'],
    ['high below low', withValues({ high: 0.5 }), 'high_below_low'],
    ['a close above high', withValues({ close: 5 }), 'outside_high_and_low'],
    ['a time between minutes', { ...good, ts_event: START + 60_001 }, 'off_grid'],
    ['no time', { ...good, ts_event: Number.NaN }, 'bad_time'],
    ['a time of 1970', { ...good, ts_event: 60_000 }, 'bad_time'],
    ['a time in seconds', { ...good, ts_event: START / 1000 }, 'bad_time'],
    ['a time in microseconds', { ...good, ts_event: START * 1000 }, 'bad_time'],
    ['half a millisecond', { ...good, ts_event: START + 0.5 }, 'bad_time'],
    ['a moment far ahead', { ...good, at: '9999-01-01T00:00:00.000000Z' }, 'bad_time'],
    ['a moment in other words', { ...good, at: '2024-01-01' }, 'bad_time'],
    ['an unknown granularity', { ...good, granularity: '7m' }, 'unknown_granularity'],
    ['an inherited granularity', { ...good, granularity: 'constructor' }, 'unknown_granularity'],
  ];
  for (const [what, record, reason] of faults) {
    it(`with ${what} is rejected as ${reason}`, () => assert.equal(faultOf(record)?.reason, reason));
  }
});

describe('other kinds', () => {
  it('need a price when they are ticks', () => {
    const tick = { ...good, kind: 'tick', granularity: 'tick', ts_event: START + 60_001 };
    assert.equal(faultOf({ ...tick, values: { price: 1 } }), null);
    assert.equal(faultOf({ ...tick, values: { price: 0 } })?.reason, 'not_positive');
    assert.equal(faultOf({ ...tick, values: {} })?.reason, 'missing_field');
  });
  it('need numbers that JSON can write', () => {
    const custom = { ...good, kind: 'weather', granularity: 'event' };
    assert.equal(faultOf({ ...custom, values: { rain: 'none', mm: 0 } }), null);
    assert.equal(faultOf({ ...custom, values: { mm: Number.NaN } })?.reason, 'not_a_number');
  });
});

describe('the texts a record is named by', () => {
  const tick = { ...good, kind: 'tick', granularity: 'tick', values: { price: 1 } };
  const detailOf = (more: object): string => {
    const fault = faultOf({ ...tick, ...more } as typeof good);
    assert.equal(fault?.reason, 'unreadable');
    return fault.detail;
  };
  it('are well-formed and short enough for a message header and a primary key', () => {
    for (const ordinal of ['', '17', 'x'.repeat(1_024), 'é'.repeat(170), '😀', '\u0000']) {
      assert.equal(faultOf({ ...tick, ordinal }), null);
    }
    assert.match(detailOf({ ordinal: 'x'.repeat(1_025) }), /at most 1024 bytes, percent-encoded, received 1025/);
    assert.match(detailOf({ ordinal: 'x'.repeat(70_000) }), /received 70000: "x{39}…$/);
    assert.match(detailOf({ ordinal: 'é'.repeat(171) }), /received 1026/);
    for (const name of ['source', 'subject', 'kind', 'granularity', 'ordinal']) {
      assert.match(detailOf({ [name]: 'a\ud800' }), /ill-formed Unicode: "a\\ud800"/, name);
      assert.match(detailOf({ [name]: 5 }), /to be a text, received 5/, name);
      assert.match(detailOf({ [name]: 'x'.repeat(3_000) }), /received 3\d{3}/, name);
    }
  });
  it('come with values that have a JSON form', () => {
    assert.match(detailOf({ values: { price: 1, id: 5n } }), /to be JSON/);
    assert.equal(faultOf({ ...tick, values: { price: 1, note: '\ud800' } }), null);
  });
});
