import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { idText } from './id-text.ts';
import {
  epochUnits,
  FIRST_TIME_MS,
  LAST_TIME_MS,
  PER_SECOND,
  readTime,
  type TimeUnit,
  timeUnits,
} from './read-time.ts';

const MS = Date.UTC(2025, 0, 1, 0, 0, 0, 123);

describe('a time of a row', () => {
  const read: readonly [unknown, TimeUnit, number][] = [
    [MS, 'auto', MS],
    [MS / 1000, 'auto', MS],
    [MS * 1000 + 999, 'auto', MS],
    [MS * 1e6, 'auto', MS],
    [`${MS}999999`, 'ns', MS],
    [BigInt(MS) * 1_000_000n + 999_999n, 'auto', MS],
    [`${MS}.0`, 'auto', MS],
    [' 1.735689600123e12 ', 'ms', MS],
    ['2025-01-01T00:00:00.123Z', 'auto', MS],
    ['2025-01-01 05:30:00.123456+05:30', 'iso', MS],
    ['2025-01-01', 'iso', MS - 123],
    [new Date(MS), 'us', MS],
    [FIRST_TIME_MS, 'auto', FIRST_TIME_MS],
    [LAST_TIME_MS, 'auto', LAST_TIME_MS],
    ['631152000', 'auto', FIRST_TIME_MS],
    ['9999999999', 'auto', LAST_TIME_MS - 999],
    ['9999999999999999999', 'auto', LAST_TIME_MS],
  ];
  for (const [value, unit, ms] of read) {
    it(`${typeof value} ${String(value)} in ${unit} is read`, () => {
      const found = readTime(value, unit);
      assert.equal('ms' in found ? found.ms : found.fault, ms);
    });
  }

  const refused: readonly [unknown, TimeUnit, RegExp][] = [
    [
      MS * 1000,
      'ms',
      /in milliseconds from 1990-01-01 to 2286-11-20, received 1735689600123000, which looks like microseconds/,
    ],
    [MS, 'us', /looks like milliseconds/],
    [String(MS / 1000), 'ms', /looks like seconds/],
    [`${MS}000000`, 's', /looks like nanoseconds/],
    ['2025-01-01', 'ms', /received "2025-01-01", which looks like ISO 8601 text/],
    [MS, 'iso', /as ISO 8601 text .* which looks like milliseconds/],
    ['1', 'iso', /received "1"$/],
    ['20261118', 'auto', /received "20261118"$/],
    [0, 'auto', /received 0$/],
    [-MS, 'auto', /received -/],
    [631_151_999, 'auto', /received/],
    [1e10, 's', /received 10000000000$/],
    ['1989-12-31T23:59:59Z', 'auto', /received/],
    ['2286-11-20T17:46:40Z', 'auto', /received/],
    ['01/02/2025', 'auto', /received "01/],
    ['', 'auto', /received nothing/],
    [null, 'ms', /received nothing/],
    [undefined, 'auto', /received nothing/],
    [true, 'auto', /received "boolean"/],
    [{}, 's', /received "object"/],
    [Number.NaN, 'auto', /received NaN/],
    [new Date(Number.NaN), 'auto', /an invalid date/],
    ['0x18000000000', 'auto', /received "0x/],
  ];
  for (const [value, unit, fault] of refused) {
    it(`${typeof value} ${String(value)} in ${unit} is refused`, () => {
      const found = readTime(value, unit);
      assert.match('fault' in found ? found.fault : `read as ${found.ms}`, fault);
    });
  }

  it('is recognised in whatever unit it is written', () =>
    fc.assert(
      fc.property(fc.integer({ min: FIRST_TIME_MS, max: LAST_TIME_MS }), (ms) => {
        for (const unit of epochUnits) {
          const digits = unit === 's' ? BigInt(Math.floor(ms / 1000)) : BigInt(ms) * BigInt(PER_SECOND[unit] / 1000);
          const expected = unit === 's' ? Math.floor(ms / 1000) * 1000 : ms;
          for (const value of [digits, String(digits)]) {
            assert.deepEqual(readTime(value, 'auto'), { ms: expected, form: unit });
            assert.deepEqual(readTime(value, unit), { ms: expected, form: unit });
          }
        }
      }),
    ));

  it('is in range or refused, for any value', () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.double(), fc.bigInt(), fc.string()),
        fc.constantFrom(...timeUnits),
        (value, unit) => {
          const found = readTime(value, unit);
          if ('fault' in found) assert.ok(found.fault.startsWith('expected a time'));
          else assert.ok(Number.isSafeInteger(found.ms) && found.ms >= FIRST_TIME_MS && found.ms <= LAST_TIME_MS);
        },
      ),
    ));
});

describe('the text of an id', () => {
  const texts: readonly [string, string][] = [
    ['1520538925', '1520538925'],
    ['1.0', '1'],
    ['-7.', '-7'],
    ['9007199254740993.0', '9007199254740993'],
    ['1e+20', '100000000000000000000'],
    ['1.5', '1.5'],
    ['007', '007'],
    ['1e999', '1e999'],
    ['a.0', 'a.0'],
    ['', ''],
  ];
  for (const [written, text] of texts) it(`${written} is ${text}`, () => assert.equal(idText(written), text));
});
