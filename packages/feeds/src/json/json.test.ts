import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JsonLines, jsonFaultIn, jsonOf, NotJson } from './index.ts';

const BIG = '9007199254740993';
/** An integer beyond 2^53 in front, so that the text is read part by part. */
const withBig = (text: string): string => `[${BIG},${text}]`;
/** A double whose text is an integer beyond 2^53: its digits are read. */
const isLong = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value));
const behindBig = (text: string): unknown => (jsonOf(withBig(text)) as unknown[])[1];
const faults = (list: unknown): number[] =>
  (list as unknown[]).flatMap((one, place) => (jsonFaultIn(one) === null ? [] : [place]));

describe('reading JSON', () => {
  it('equals JSON.parse, except for long integers', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const expected = JSON.parse(text, (_, part: unknown) => (isLong(part) ? BigInt(String(part)) : part));
        assert.deepEqual(jsonOf(text), expected);
        assert.deepEqual(behindBig(text), expected);
      }),
    );
    for (const text of ['-0', '1e5', '1E-7', '0.1', '-12.50e+2', '9007199254740991', '"\\ud83d\\ude00\\n\\"\\\\"']) {
      assert.ok(Object.is(behindBig(text), JSON.parse(text)), text);
    }
  });

  it('reads integers from their digits', () => {
    assert.deepEqual(jsonOf('[9007199254740993,9007199254740994,-9007199254740993,12345678901234567890123]'), [
      9007199254740993n,
      9007199254740994n,
      -9007199254740993n,
      12345678901234567890123n,
    ]);
    assert.deepEqual(jsonOf('{"id":1.5,"price":12345678901234567.5}'), { id: 1.5, price: 12345678901234568 });
  });

  it('reads integers from their digits, with a fraction of zeros or an exponent too', () => {
    for (const text of [
      BIG,
      `${BIG}.0`,
      `${BIG}.000`,
      '9.007199254740993e15',
      '9.007199254740993E+15',
      '90071992547409.9300e2',
    ]) {
      assert.deepEqual(jsonOf(`[${text}, -${text}]`), [BigInt(BIG), -BigInt(BIG)], text);
    }
    for (const text of ['9007199254740993.5', '1e21', '1.5e300', '90071992547409.935e2', '1.5e2', '17.0']) {
      assert.deepEqual(jsonOf(`[${text}]`), [Number(text)], text);
    }
  });

  it('ignores a comma behind the last element', () => {
    assert.deepEqual(jsonOf('[{"a":1},{"a":2},]'), [{ a: 1 }, { a: 2 }]);
    assert.deepEqual(jsonOf('{"rows":[1, 2 , ] }'), { rows: [1, 2] });
    assert.deepEqual(faults(jsonOf('[1,,2,]')), [1]);
  });

  it('keeps names that are special in JavaScript, and the last of two equal ones', () => {
    const found = behindBig('{"__proto__":{"a":1},"constructor":2,"x":1,"x":2}') as Record<string, unknown>;
    assert.equal(Object.getPrototypeOf(found), Object.prototype);
    assert.deepEqual(Object.keys(found), ['__proto__', 'constructor', 'x']);
    assert.equal(found.x, 2);
    assert.equal((found as { a?: unknown }).a, undefined);
  });

  it('marks an invalid part in its place, and reads what is around it', () => {
    const bad = [
      '{"a":NaN}',
      '{"a":-Infinity}',
      '{"a":None}',
      '{"a":1.2.3}',
      '{"a":01}',
      '{"a":1e400}',
      '{"a" 1}',
      '{a:1}',
      '{"a":"x\ty"}',
      '{"a":"\\q"}',
      '{"a":1',
      '{"a":1]',
      '{"a":[1,{"b":}]}',
      '{"a":"never closed}',
      'oops',
      '',
    ];
    for (const row of bad) {
      for (const [before, after] of [
        ['', ''],
        ['{"rows":', ',"next":"x"}'],
        ['\ufeff', '\n'],
      ] as const) {
        const text = `${before}[{"a":1},${row},{"a":3}]${after}`;
        const found = jsonOf(text);
        const rows = (Array.isArray(found) ? found : (found as { rows: unknown }).rows) as unknown[];
        assert.deepEqual([rows[0], rows.at(-1)], [{ a: 1 }, { a: 3 }], text);
        assert.deepEqual(faults(rows), [1], text);
      }
    }
    const last = jsonOf('[{"a":1},{"a":"never closed}]') as unknown[];
    assert.deepEqual(faults(last), [1]);
    assert.deepEqual(jsonFaultIn(jsonOf('[[1,2,[3,NaN]]]')), { path: '0.2.1', received: 'NaN', isNumber: true });
  });

  it('reads JSON lines, some of them invalid', () => {
    const lines = jsonOf(`{"a":1}\r\n{"a":NaN}\n\n\ufeff{"a":${BIG}}\n{"a":`) as JsonLines;
    assert.ok(lines instanceof JsonLines);
    assert.deepEqual(lines.documents[0], { a: 1 });
    assert.deepEqual(lines.documents[2], { a: 9007199254740993n });
    assert.deepEqual(faults(lines.documents), [1, 3]);
  });

  it('refuses all other texts, including a list that was cut off', () => {
    for (const text of [
      '',
      'pong',
      'NaN',
      '<html>\n{"a":1}\n{"a":2}\n</html>',
      '[{"a":1},{"a":',
      '[\n{"a":1},\n{"a":2},\n{"a":3}\n',
      '{"rows":[{"a":1}],oops}',
      'a\nb\nc',
    ]) {
      assert.equal(jsonOf(text), undefined, text);
    }
  });

  it('is fast and complete for hostile texts', () => {
    const deep = '['.repeat(200_000);
    assert.equal(jsonOf(deep + NaN), undefined);
    const nested = jsonOf(`[1,${'{"a":'.repeat(5_000)}${BIG}${'}'.repeat(5_000)},2]`) as unknown[];
    assert.deepEqual([nested[0], nested[1] instanceof NotJson, nested[2]], [1, true, 2]);
    assert.ok((jsonOf(`[${'9'.repeat(1_000_000)},1]`) as unknown[])[0] instanceof NotJson);
    assert.equal((jsonOf(`["${'\\n'.repeat(1_000_000)}",${BIG}]`) as string[])[0]?.length, 1_000_000);
    assert.equal(jsonOf(`[${'{"a":"'.repeat(50_000)}`), undefined);
  });
});
