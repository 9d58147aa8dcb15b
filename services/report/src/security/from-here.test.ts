import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAskedHere, isConnectedHere } from './from-here.ts';

const asked = (remoteAddress: string, headers: Record<string, string> = {}) => ({
  socket: { remoteAddress },
  headers: { host: 'localhost:8000', ...headers },
});

describe('a request from this machine', () => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
    it(`comes from ${address}`, () => assert.ok(isAskedHere(asked(address))));
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '', '1127.0.0.1', 'fe80::1'])
    it(`does not come from ${JSON.stringify(address)}`, () => assert.ok(!isAskedHere(asked(address))));

  for (const headers of [
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-for': '::1, 127.0.0.1' },
    { host: '127.0.0.1:8000' },
    { host: '[::1]:8000' },
    { origin: 'http://localhost:3000' },
  ])
    it(`may say ${JSON.stringify(headers)}`, () => assert.ok(isAskedHere(asked('127.0.0.1', headers))));

  for (const headers of [
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
    { 'x-forwarded-for': '' },
    { 'x-real-ip': '203.0.113.9' },
    { forwarded: 'for=203.0.113.9' },
    { via: '1.1 proxy' },
  ])
    it(`is not passed on: ${JSON.stringify(headers)}`, () => assert.ok(!isConnectedHere(asked('127.0.0.1', headers))));

  for (const headers of [
    { host: 'rebound.example' },
    { host: 'localhost.evil.example' },
    { host: '' },
    { origin: 'http://evil.example' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'null' },
  ])
    it(`is not what a page of another site asks: ${JSON.stringify(headers)}`, () =>
      assert.ok(!isAskedHere(asked('127.0.0.1', headers))));
});
