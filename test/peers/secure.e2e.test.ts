/** The real coordinator's client calls our host as it calls the nodes of production: mutual TLS, and a gateway. */
import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import {
  connectModels,
  encodeCall,
  gatewayCredentials,
  type LocalModel,
  type LocalOrchestrator,
  mutualTlsCredentials,
  type RunnerCredentials,
  type ServerSecurity,
  serverNameOf,
  startLocalOrchestrator,
  startModelHost,
} from '@crunch-node/models';
import { type Authority, createAuthority, createWallet } from '@crunch-node/models/testing/certificates';
import { pythonPeer } from '../support/python-peers.ts';
import { type Coordinator, type CoordinatorOptions, startCoordinator } from './coordinator.ts';

const peer = await pythonPeer('client');
const CRUNCH = 'secure';

describe("the real coordinator's client, secured", { skip: peer.missing ?? false }, () => {
  let folder: TempDir;
  let authority: Authority | null;
  before(async () => {
    folder = await tempDir('crunch-secure-');
    authority = createAuthority(folder.path);
  });
  after(() => folder.remove());

  const model = (model_id: string, cruncher_id: string, security: ServerSecurity): LocalModel => ({
    model_id,
    model_name: model_id,
    cruncher_id,
    cruncher_name: 'local-dev',
    create: () => ({ predict: () => ({ value: 1 }) }),
    security,
  });

  async function open(t: TestContext, models: readonly LocalModel[]): Promise<LocalOrchestrator> {
    const host = await startModelHost({ models });
    const orchestrator = await startLocalOrchestrator({
      crunchId: CRUNCH,
      models: {
        // certificates have names
        running: () => host.running().map((one) => ({ ...one, ip: 'localhost' })),
        stop: (modelId) => host.stop(modelId),
      },
    });
    t.after(async () => {
      await orchestrator.stop();
      host.stopAll();
    });
    return orchestrator;
  }
  async function real(
    t: TestContext,
    { url }: LocalOrchestrator,
    options: Pick<CoordinatorOptions, 'secure' | 'gateway'>,
  ): Promise<Coordinator> {
    const coordinator = await startCoordinator(
      'python' in peer ? peer.python : '',
      { crunch_id: CRUNCH, port: Number(new URL(url).port), ...options },
      { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(folder.path, 'ca.crt') },
    );
    t.after(() => coordinator.stop());
    return coordinator;
  }
  /** what our own client gets from the same models */
  async function ours(t: TestContext, { url }: LocalOrchestrator, credentials: RunnerCredentials, id: string) {
    const pool = connectModels({ orchestratorUrl: url, crunchId: CRUNCH, baseClassname: 'a.B', credentials });
    t.after(() => pool.close());
    await pool.settled([id], AbortSignal.timeout(60_000));
    return (await pool.call(id, encodeCall('predict', []), { deadlineMs: 20_000, patient: false })).result;
  }

  it('calls a model by mutual TLS whose wallet vouches for it, and reports the others', async (t) => {
    if (authority === null) return t.skip('SKIPPED: needs openssl to make certificates');
    const wallet = createWallet();
    const secured = (id: string, announced: string, payload: object = { model_id: id, hotkey: null }): LocalModel => {
      const issued = authority!.issue([serverNameOf(id)]);
      const delegation = wallet.delegate(issued.certificate, { ...payload });
      return model(id, announced, { ...issued, callersAuthority: authority!.certificate, delegation });
    };
    const orchestrator = await open(t, [
      secured('1', wallet.address),
      secured('2', wallet.address, { model_id: '3', hotkey: null }),
      secured('4', createWallet().address),
    ]);
    const secure = authority.callersFolder();
    const coordinator = await real(t, orchestrator, { secure });
    await until('model 1', async () => '1' in (await coordinator.models()), { everyMs: 50 });
    assert.deepEqual((await coordinator.call({ call: 'predict' }))['1']?.result, { value: 1 });
    await until('the reports', () => orchestrator.reports.length === 2);
    assert.deepEqual(orchestrator.reports.map(({ model_id, failure_code }) => `${model_id} ${failure_code}`).sort(), [
      '2 CONNECTION_FAILED',
      '4 CONNECTION_FAILED',
    ]);
    assert.deepEqual(await ours(t, orchestrator, mutualTlsCredentials(secure), '1'), { value: 1 });
  });

  it('calls a model through TLS with signed calls, and is refused with another key', async (t) => {
    if (authority === null) return t.skip('SKIPPED: needs openssl to make certificates');
    const keys = ['known', 'unknown'].map((name) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const path = join(folder.path, `${name}.pem`);
      writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const der = createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({
        type: 'spki',
        format: 'der',
      });
      return {
        path,
        pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        hash: createHash('sha256').update(der).digest('hex'),
      };
    });
    const [known, unknown] = keys as [(typeof keys)[0], (typeof keys)[0]];
    const issued = authority.issue(['localhost']);
    const orchestrator = await open(t, [model('1', 'local-1', { ...issued, coordinators: [known.hash] })]);
    const coordinator = await real(t, orchestrator, { gateway: known.path });
    await until('model 1', async () => '1' in (await coordinator.models()), { everyMs: 50 });
    assert.deepEqual((await coordinator.call({ call: 'predict' }))['1']?.result, { value: 1 });
    writeFileSync(join(folder.path, 'key.pem'), known.pem);
    const credentials = gatewayCredentials(folder.path, { roots: authority.certificate });
    assert.deepEqual(await ours(t, orchestrator, credentials, '1'), { value: 1 });
    writeFileSync(join(folder.path, 'key.pem'), unknown.pem);
    const stranger = gatewayCredentials(folder.path, { roots: authority.certificate });
    assert.equal(await ours(t, orchestrator, stranger, '1'), undefined);
    await until('the report', () => orchestrator.reports.length === 1);
    assert.match(JSON.stringify(orchestrator.reports), /CONNECTION_FAILED.*the coordinator is not known/);
  });
});
