import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idInAddress } from './id-in-address.ts';

describe('the address of a model', () => {
  it('leads back to any id', () => {
    for (const id of ['1', '100%', '%41', 'a/b', 'a/b %41 "ü"?#1', '..', 'model/7', '__ensemble_a b__'])
      assert.equal(idInAddress(`#/model/${encodeURIComponent(id)}`), id);
  });
  it('may be typed by hand', () => {
    assert.equal(idInAddress('#model/100%'), '100%');
    assert.equal(idInAddress('#/model/a b'), 'a b');
  });
});
