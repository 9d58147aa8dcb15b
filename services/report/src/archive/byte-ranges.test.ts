import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byteRanges } from './byte-ranges.ts';

describe('a range of bytes', () => {
  const plain: readonly [header: string, ranges: string][] = [
    ['bytes=0-1', 'bytes=0-1'],
    ['BYTES=5-', 'bytes=5-'],
    [' bytes= -4 ', 'bytes=-4'],
    ['bytes=0-0 ,, 3-4,', 'bytes=0-0,3-4'],
    ['bytes=99999999999999999999-', 'bytes=99999999999999999999-'],
  ];
  for (const [header, ranges] of plain)
    it(`is read: ${JSON.stringify(header)}`, () => assert.equal(byteRanges(header), ranges));

  for (const header of [
    ...['', 'bytes', 'bytes=', 'bytes=-', 'bytes=,', 'bytes=x-y', 'bytes=1', 'bytes=1-2junk', 'bytes=0x1-2'],
    ...['bytes=5-2', 'bytes=10-9', 'bytes=--4', 'bytes=-4-', 'bytes=1-2-3', 'bytes=+1-2', 'bytes=1.5-2', 'bytes=1 -2'],
    ...['bytes=0-1,x-y', 'bytes=0-1;3-4', 'bytes: 0-1', 'bytes 0-1', 'bytes =0-1', 'lines=1-2', 'none', '0-1'],
  ])
    it(`is ignored: ${JSON.stringify(header)}`, () => assert.equal(byteRanges(header), null));
});
