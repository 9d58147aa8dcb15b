import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countFailedAttempts } from './failed-attempts.ts';
import { digestOf } from './keys.ts';

describe('wrong keys from one address', () => {
  it('may be so many, then the address waits a minute from the first', () => {
    let now = 0;
    const attempts = countFailedAttempts(() => now);
    const outcomes = Array.from({ length: 20 }, (_, i) => {
      now += 1_000;
      assert.equal(attempts.waitSeconds('203.0.113.9'), 0);
      return attempts.failed('203.0.113.9', digestOf(`key ${i}`));
    });
    assert.deepEqual(outcomes, [...Array(19).fill(false), true]);
    assert.equal(attempts.waitSeconds('203.0.113.9'), 41);
    assert.equal(attempts.waitSeconds('203.0.113.10'), 0);
    now += 41_000;
    assert.equal(attempts.waitSeconds('203.0.113.9'), 0);
    assert.equal(attempts.failed('203.0.113.9', digestOf('again')), false);
  });

  it('may be the same one any number of times', () => {
    const attempts = countFailedAttempts(() => 0);
    for (let i = 0; i < 1_000; i++) attempts.failed('203.0.113.9', digestOf('of last year'));
    assert.equal(attempts.waitSeconds('203.0.113.9'), 0);
  });

  it('count for the whole network of an IPv6 address', () => {
    const attempts = countFailedAttempts(() => 0);
    for (let i = 0; i < 20; i++) attempts.failed(`2001:db8:1:2::${i}`, digestOf(`key ${i}`));
    assert.equal(attempts.waitSeconds('2001:db8:1:2:ffff::1'), 60);
    assert.equal(attempts.waitSeconds('2001:db8:1:3::1'), 0);
  });
});
