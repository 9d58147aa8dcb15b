import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { linesOf } from './lines.ts';
import { rowsOf } from './rows.ts';

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function rowsIn(text: string | Buffer, size = 7): Promise<[number, ...string[]][]> {
  const found: [number, ...string[]][] = [];
  for await (const { line, cells } of rowsOf(linesOf(chunks(Buffer.from(text as string), size)))) {
    found.push([line, ...cells]);
  }
  return found;
}

describe('rows of a CSV text', () => {
  it('are what was written, however it was cut into pieces', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', 'é', ' ', '1') }), {
            minLength: 3,
            maxLength: 3,
          }),
          { minLength: 1, maxLength: 8 },
        ),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 40 }),
        async (rows, end, size) => {
          const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
          const all = [['x', 'y', 'z'], ...rows];
          const text = all.map((cells) => cells.map(quoted).join(',') + end).join('');
          const kept = all.filter((cells) => cells.some((cell) => cell.trim() !== ''));
          assert.deepEqual(
            (await rowsIn(text, size)).map(([, ...cells]) => cells),
            kept,
          );
        },
      ),
    ));

  it('have the line they begin on, whatever their lines end with, empty ones left out', async () => {
    const rows = [
      [1, 'a', 'b'],
      [3, '1', 'x\ny'],
      [5, '2', ''],
      [7, '3', '4'],
    ];
    const text = 'a,b\n\n1,"x\ny"\n2,\n,\n3,4\n\n\n';
    assert.deepEqual(await rowsIn(text), rows);
    assert.deepEqual(await rowsIn(`\ufeff${text}`), rows);
    assert.deepEqual(await rowsIn(text.replaceAll('\n', '\r\n').replace('x\r\n', 'x\n')), rows);
    assert.deepEqual(await rowsIn(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])), rows);
    assert.deepEqual(await rowsIn('a,b\r1,2\r'), [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ]);
    assert.deepEqual(await rowsIn('a;b\n1,5;2'), [
      [1, 'a', 'b'],
      [2, '1,5', '2'],
    ]);
    assert.deepEqual(await rowsIn('a\tb\n1\t2'), [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ]);
  });

  it('lose only their own line when they are bad', async () => {
    const lines = ['a,b', '1,"never closed', '2,3', '"4",5', '6,"x"y', '7,8', '"9', '10,11'];
    assert.deepEqual(
      (await rowsIn(lines.join('\n'))).map(([line]) => line),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it('are cut when they are endless, and what follows is read', async () => {
    const found: [number, boolean][] = [];
    const text = `a,b\n${'x'.repeat(3_000_000)}\n1,2\n`;
    for await (const { line, isCut } of rowsOf(linesOf(chunks(Buffer.from(text), 65_536)))) found.push([line, isCut]);
    assert.deepEqual(found, [
      [1, false],
      [2, true],
      [3, false],
    ]);
  });
});
