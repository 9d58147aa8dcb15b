import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { createAuthority, createWallet } from '../testing/certificates.ts';
import { eventually, limits, localModel, openWorld, PLENTY_MS, predict } from '../testing/world.ts';
import { mutualTlsCredentials, serverNameOf } from './mutual-tls.ts';
import { fromBase58, toBase58 } from './wallet.ts';

const folder = mkdtempSync(join(tmpdir(), 'crunch-tls-'));
const authority = createAuthority(folder);
const skip = authority === null ? 'SKIPPED: needs openssl to make certificates' : false;

describe('base58', () => {
  it('keeps leading zeros, both ways', () => {
    for (const hex of ['', '00', '0000ff', '287fb4cd', 'ff'.repeat(32)]) {
      assert.equal(fromBase58(toBase58(Buffer.from(hex, 'hex')))?.toString('hex'), hex);
    }
    assert.equal(toBase58(Buffer.from('Hello World!')), '2NEpo7TZRRrLZSi2U');
    for (const text of ['0', 'O', 'l', 'a b', 'é', '1'.repeat(65)]) assert.equal(fromBase58(text), null, text);
  });
});

describe('mutual TLS', { skip }, () => {
  after(() => rmSync(folder, { recursive: true, force: true }));
  const callers = authority?.callersFolder() ?? '';
  const server = authority?.issue([serverNameOf('1')]);
  const wallet = createWallet();
  const future = Math.floor(Date.now() / 1000) + 3_600;
  const payload = { model_id: '1', hotkey: null, expires_at: future };

  /** Connects to one model with these credentials, and returns the outcome. */
  async function outcome(t: TestContext, shown: Partial<Parameters<typeof securedModel>[0]> = {}, nowMs = Date.now) {
    const { pool, orchestrator } = await openWorld(t, [securedModel({ ...shown })], {
      credentials: mutualTlsCredentials(callers, { nowMs }),
      timing: { readyMs: 3_000, retryMs: [] },
    });
    const isDecided = () => pool.isRunning('1') || orchestrator.reports.length > 0;
    await pool.settled([], AbortSignal.timeout(PLENTY_MS)).catch(() => undefined);
    await eventually('it to be set up or reported', isDecided);
    if (!pool.isRunning('1'))
      return `${orchestrator.reports[0]?.failure_code}: ${orchestrator.reports[0]?.failure_reason}`;
    return (await pool.call('1', predict, limits)).status;
  }
  const securedModel = ({
    issued = server!,
    delegation = wallet.delegate(issued.certificate, payload),
    announced = wallet.address,
  }: {
    issued?: NonNullable<typeof server>;
    delegation?: ReturnType<typeof wallet.delegate>;
    announced?: string;
  }) => ({
    ...localModel('1', () => ({ predict: () => ({ value: 1 }) })),
    cruncher_id: announced,
    security: {
      certificate: issued.certificate,
      key: issued.key,
      callersAuthority: authority!.certificate,
      delegation,
    },
  });

  it('calls a model whose wallet vouches for its key', async (t) => assert.equal(await outcome(t), 'SUCCESS'));

  it('takes a delegation without an end', async (t) => {
    const delegation = wallet.delegate(server!.certificate, { model_id: '1', hotkey: null });
    assert.equal(await outcome(t, { delegation }), 'SUCCESS');
  });

  const other = createWallet();
  const refused: readonly (readonly [string, () => Parameters<typeof securedModel>[0], RegExp])[] = [
    ['another wallet', () => ({ announced: other.address }), /expected a delegation by wallet/],
    [
      'a signature of another wallet',
      () => ({ delegation: { ...other.delegate(server!.certificate, payload), wallet: wallet.address } }),
      /the signature of the delegation is not that of the wallet/,
    ],
    [
      'another model',
      () => ({ delegation: wallet.delegate(server!.certificate, { ...payload, model_id: '2' }) }),
      /the delegation is for model "2"/,
    ],
    [
      'another hotkey',
      () => ({ delegation: wallet.delegate(server!.certificate, { ...payload, hotkey: 'other' }) }),
      /expected hotkey null, the delegation has "other"/,
    ],
    [
      'another key',
      () => ({ delegation: wallet.delegate(authority!.issue(['x.test']).certificate, payload) }),
      /for another key than that of the connection/,
    ],
    [
      'one that has expired',
      () => ({ delegation: wallet.delegate(server!.certificate, { ...payload, expires_at: future - 7_200 }) }),
      /the delegation has expired/,
    ],
    ['a certificate for another name', () => ({ issued: authority!.issue([serverNameOf('2')]) }), /altnames/],
  ];
  for (const [what, shown, reason] of refused) {
    it(`refuses ${what}, and reports why`, async (t) => {
      const result = await outcome(t, shown());
      assert.match(result, /^CONNECTION_FAILED: /);
      assert.match(result, reason);
    });
  }

  it('names the file that is missing', () => {
    const absent = join(folder, 'absent');
    assert.throws(() => mutualTlsCredentials(absent), { name: 'UnusableCertificates', message: /ca\.crt/ });
  });
});
