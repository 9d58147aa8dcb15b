import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import { createServer } from 'nice-grpc';
import { eventually, limits, localModel, openWorld, PLENTY_MS, predict } from '../testing/world.ts';
import { healthService, modelService } from '../wire/protocol.ts';
import { credentialsFrom } from './credentials.ts';
import { gatewayCredentials, UnusableKey } from './gateway.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'crunch-gateway-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function withRsaKey(t: TestContext): string {
  const path = folder(t);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(path, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return path;
}

/** A certificate for localhost and its key, or null where there is no openssl. */
function certificate(path: string): { cert: Buffer; key: Buffer } | null {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', join(path, 'tls.key'), '-out', join(path, 'tls.crt')];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  return { cert: readFileSync(join(path, 'tls.crt')), key: readFileSync(join(path, 'tls.key')) };
}

/** A model behind TLS that keeps the metadata of calls. */
async function secured(t: TestContext, path: string) {
  const pair = certificate(path);
  if (pair === null) return null;
  const seen: string[] = [];
  const server = createServer().use(async function* (call, context) {
    seen.push(`${call.method.path.split('/').pop()} ${context.metadata.has('x-gateway-auth-signature')}`);
    return yield* call.next(call.request, context);
  });
  server.add(modelService, {
    setup: async () => ({ status: { code: 'SUCCESS' } }),
    call: async () => ({ status: { code: 'SUCCESS' } }),
    rest: async () => ({}),
  });
  server.add(healthService, { check: async () => ({ status: 1 }) });
  t.after(() => server.forceShutdown());
  const { cert, key } = pair;
  const tls = ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]);
  const port = await server.listen('127.0.0.1:0', tls);
  const running = { model: localModel('7', () => ({})), deployment_id: '7_secured', ip: '127.0.0.1', port };
  return { running, cert, seen };
}

describe('gateway credentials', () => {
  it('sign the model that is called and the time', (t) => {
    const credentials = gatewayCredentials(withRsaKey(t), { nowMs: () => 1_772_360_100_999 });
    const metadata = credentials.callMetadata('7') ?? assert.fail();
    const read = (key: string) => Buffer.from(String(metadata.get(key)[0]), 'base64');
    const message = read('x-gateway-auth-message');
    const publicKey = createPublicKey({ key: read('x-gateway-auth-pubkey'), type: 'spki', format: 'der' });
    assert.equal(message.toString(), '{"model_id":"7","timestamp":1772360100}');
    assert.equal(publicKey.asymmetricKeyType, 'rsa');
    assert.ok(verify('sha256', message, publicKey, read('x-gateway-auth-signature')));
    assert.equal(createHash('sha256').update(read('x-gateway-auth-pubkey')).digest('hex').length, 64);
  });

  it('sign once a second and model', (t) => {
    let nowMs = 5_000;
    const credentials = gatewayCredentials(withRsaKey(t), { nowMs: () => nowMs });
    const first = credentials.callMetadata('7');
    nowMs = 5_999;
    assert.equal(credentials.callMetadata('7'), first);
    assert.notEqual(credentials.callMetadata('8'), first);
    nowMs = 6_000;
    assert.notEqual(credentials.callMetadata('7'), first);
  });

  it('refuse a missing key and other kinds of keys', (t) => {
    const path = folder(t);
    assert.throws(() => gatewayCredentials(path), UnusableKey);
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(path, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    assert.throws(() => gatewayCredentials(path), /expected an RSA key .* received ed25519/);
  });

  it('are chosen before mutual TLS, which needs its certificates', (t) => {
    assert.equal(credentialsFrom({}).name, 'plaintext');
    assert.equal(credentialsFrom({ gatewayCertDir: withRsaKey(t), secureCertDir: '/nowhere' }).name, 'gateway');
    assert.throws(() => credentialsFrom({ secureCertDir: '/nowhere' }), { name: 'UnusableCertificates' });
  });

  it('reach a model through TLS', async (t) => {
    const path = withRsaKey(t);
    const model = await secured(t, path);
    if (model === null) return t.skip('SKIPPED: needs openssl to make a certificate');
    const credentials = gatewayCredentials(path, { roots: model.cert });
    const { pool, orchestrator } = await openWorld(t, [], { credentials });
    orchestrator.announce(model.running);
    await pool.settled(['7'], AbortSignal.timeout(PLENTY_MS));
    assert.equal((await pool.call('7', predict, limits)).status, 'SUCCESS');
    assert.deepEqual(model.seen, ['Setup true', 'Call true']);
  });
});

describe('plaintext', () => {
  it('names the misconfiguration when the peer speaks TLS, and reports no model as failed', async (t) => {
    const model = await secured(t, folder(t));
    if (model === null) return t.skip('SKIPPED: needs openssl to make a certificate');
    const errors: object[] = [];
    const log = { info: () => undefined, warn: () => undefined, error: (facts: object) => void errors.push(facts) };
    const { pool, orchestrator } = await openWorld(t, [], { log, timing: { readyMs: 300, tlsProbeMs: PLENTY_MS } });
    orchestrator.announce(model.running);
    await eventually('it is logged', () => errors.length === 1);
    assert.match(JSON.stringify(errors[0]), /speaks TLS/);
    assert.equal(pool.isRunning('7'), false);
    assert.deepEqual(orchestrator.reports, []);
  });
});
