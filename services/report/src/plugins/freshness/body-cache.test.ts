import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bodyCache, bodyOf } from './body-cache.ts';

const body = (size: number) => bodyOf(Buffer.alloc(size, 'x'), 'text/plain');

describe('kept responses', () => {
  it('are served for exactly the validator they were made of', () => {
    const cache = bodyCache(1_000_000);
    cache.put('/a', 'v1', body(10));
    assert.equal(cache.get('/a', 'v1')?.bytes.length, 10);
    assert.equal(cache.get('/a', 'v2'), undefined);
    assert.equal(cache.get('/b', 'v1'), undefined);
    cache.put('/a', 'v2', body(20));
    assert.equal(cache.get('/a', 'v1'), undefined);
    assert.equal(cache.get('/a', 'v2')?.bytes.length, 20);
  });

  it('stay within their bound, the most recently requested the longest', () => {
    const cache = bodyCache(20_000);
    cache.put('/first', 'v', body(1_000));
    cache.put('/second', 'v', body(1_000));
    for (let n = 0; n < 20; n++) {
      cache.get('/first', 'v');
      cache.put(`/${n}`, 'v', body(1_000));
    }
    assert.ok(cache.get('/first', 'v'));
    assert.equal(cache.get('/second', 'v'), undefined);
    cache.put('/huge', 'v', body(10_000));
    assert.equal(cache.get('/huge', 'v'), undefined, 'one answer does not push out all others');
  });

  it('count their bytes, whatever is put in what order', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('/a', '/b', '/c', '/d'), fc.nat(3_000))), (puts) => {
        const cache = bodyCache(8_000);
        for (const [resource, size] of puts) {
          cache.put(resource, String(size), body(size));
          assert.ok(cache.bytes >= 0 && cache.bytes <= 8_000, String(cache.bytes));
        }
      }),
    ));

  it('are none where caching is off', () => {
    const cache = bodyCache(0);
    cache.put('/a', 'v', body(1));
    assert.equal(cache.bytes, 0);
  });

  it('are compressed once, when it is worth it', async () => {
    const long = body(5_000);
    const [one, other] = await Promise.all([long.compressed(), long.compressed()]);
    assert.equal(one, other);
    assert.deepEqual(gunzipSync(one!), long.bytes);
    assert.equal(body(100).compressed(), undefined);
  });
});
