import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isConnectedHere, reasonNotLocal } from './from-here.ts';

const asked = (remoteAddress: string, headers: Record<string, string> = {}, originalUrl = '/') => ({
  socket: { remoteAddress },
  headers: { host: 'localhost:8000', ...headers },
  originalUrl,
});
const isLocal = (...request: Parameters<typeof asked>): boolean => reasonNotLocal(asked(...request)) === null;

describe('a request from this machine', () => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
    it(`comes from ${address}`, () => assert.ok(isLocal(address)));
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '', '1127.0.0.1', 'fe80::1'])
    it(`does not come from ${JSON.stringify(address)}`, () => assert.ok(!isLocal(address)));

  for (const headers of [
    { host: '127.0.0.1:8000' },
    { host: '[::1]:8000' },
    { host: 'LOCALHOST' },
    { origin: 'http://localhost:3000' },
    { origin: 'http://[::1]:3000', referer: 'http://[::1]:3000/page?x=1' },
    { referer: 'http://127.0.0.1:3000/' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:3000' },
    { 'user-agent': 'curl/8', 'x-request-id': '7', 'x-api-key': 'k', traceparent: '00-1', 'x-client-version': '2' },
  ] as Record<string, string>[])
    it(`may have ${JSON.stringify(headers)}`, () => assert.ok(isLocal('127.0.0.1', headers)));

  const signs = [
    ...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
    ...['x-forwarded-server', 'x-forwarded-by', 'x-forwarded-prefix', 'x-forwarded-ssl', 'x-forwarded-scheme'],
    ...['x-forwarded', 'x-forwarder-for', 'forwarded-for', 'forwarded-for-ip', 'x-forwarded-client-cert'],
    ...['x-real-ip', 'x-client-ip', 'client-ip', 'true-client-ip', 'x-remote-ip', 'x-remote-addr', 'remote-addr'],
    ...['x-cluster-client-ip', 'proxy-client-ip', 'wl-proxy-client-ip', 'x-proxyuser-ip', 'x-originating-ip'],
    ...['x-original-host', 'x-original-url', 'x-original-for', 'x-original-forwarded-for', 'x-rewrite-url', 'x-host'],
    ...['cf-connecting-ip', 'cf-connecting-ipv6', 'cf-ray', 'cf-visitor', 'cf-ipcountry', 'cdn-loop', 'x-scheme'],
    ...['fastly-client-ip', 'fly-client-ip', 'x-envoy-external-address', 'x-amzn-trace-id', 'x-amz-cf-id'],
    ...[
      'x-azure-clientip',
      'x-appengine-user-ip',
      'cloudfront-viewer-address',
      'x-vercel-forwarded-for',
      'x-nf-client-connection-ip',
    ],
    ...[
      'tailscale-user-login',
      'x-varnish',
      'x-http-host-override',
      'x-nginx-proxy',
      'x-proxy-id',
      'proxy-connection',
      'x_forwarded_host',
    ],
  ];
  for (const name of signs)
    for (const value of ['203.0.113.9', '127.0.0.1', 'localhost', ''])
      it(`is not forwarded: ${name}: ${value}`, () => {
        const request = asked('127.0.0.1', { [name]: value });
        assert.ok(!isConnectedHere(request));
        assert.ok(reasonNotLocal(request)?.includes(name));
      });

  for (const headers of [
    { host: 'rebound.example' },
    { host: 'localhost.evil.example' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost@evil.example' },
    { host: '0.0.0.0:8000' },
    { host: '' },
    { origin: 'http://evil.example' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'http://localhost:3000, http://evil.example' },
    { origin: 'localhost' },
    { origin: 'null' },
    { referer: 'https://evil.example/localhost' },
    { referer: 'http://localhost:3000@evil.example/' },
    { origin: 'http://localhost:3000', referer: 'https://evil.example/' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' },
    { 'sec-fetch-site': 'whatever' },
  ] as Record<string, string>[])
    it(`is not sent by a page of another site: ${JSON.stringify(headers)}`, () =>
      assert.ok(!isLocal('127.0.0.1', headers)));

  it('does not name another host in its target', () => {
    assert.ok(isLocal('127.0.0.1', {}, 'http://localhost:8000/reports'));
    assert.ok(!isLocal('127.0.0.1', {}, 'http://evil.example/reports'));
  });
});
