import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import { createServer as createGrpcServer, ServerError } from 'nice-grpc';
import { plaintext } from './client/credentials.ts';
import type { RunningModel } from './host/model-host.ts';
import { BadImplementation } from './host/model-object.ts';
import { eventually, limits, localModel, openWorld, PLENTY_MS, predict, soon } from './testing/world.ts';
import { healthService, modelService } from './wire/protocol.ts';

const answering = (value: number) => () => ({ predict: () => value });
const until = () => AbortSignal.timeout(PLENTY_MS);

/** Announces a model at an address where something else listens. */
const at = (model_id: string, port: number): RunningModel => ({
  model: localModel(model_id, answering(0)),
  deployment_id: `${model_id}_elsewhere`,
  ip: '127.0.0.1',
  port,
});

/** A server that accepts connections and never responds. */
async function silentServer(t: TestContext): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await eventually('the server listens', () => server.listening);
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await eventually('the server listens', () => server.listening);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A peer whose RPCs end with a gRPC status of the test's choice. */
async function refusing(t: TestContext, code: status, rpcs: { setup: boolean }): Promise<number> {
  const refuse = async () => {
    throw new ServerError(code as number, 'refused');
  };
  const server = createGrpcServer();
  server.add(modelService, {
    setup: rpcs.setup ? refuse : async () => ({ status: { code: 'SUCCESS' } }),
    call: refuse,
    rest: refuse,
  });
  server.add(healthService, { check: refuse });
  t.after(() => server.forceShutdown());
  return server.listen('127.0.0.1:0');
}

describe('a model that cannot be used', () => {
  for (const [what, create, failure_code] of [
    [
      'has no usable class',
      () => {
        throw new BadImplementation('no class');
      },
      'BAD_IMPLEMENTATION',
    ],
    [
      'raises in its constructor',
      () => {
        throw new Error('no');
      },
      'MULTIPLE_FAILED',
    ],
  ] as const) {
    it(`is reported at once when it ${what}`, async (t) => {
      const { pool, orchestrator, changes } = await openWorld(t, [localModel('1', create)]);
      await eventually('the report is in', () => orchestrator.reports.length === 1);
      assert.equal(orchestrator.reports[0]?.failure_code, failure_code);
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        ['failed'],
      );
      assert.equal(pool.isRunning('1'), false);
    });
  }

  it('is reported after five attempts when no server listens', async (t) => {
    const { orchestrator } = await openWorld(t, [], { timing: { readyMs: 200 } });
    orchestrator.announce(at('1', await freePort()));
    await eventually('the report is in', () => orchestrator.reports.length === 1);
    assert.equal(orchestrator.reports[0]?.failure_code, 'CONNECTION_FAILED');
  });

  it('delays the others no longer than it takes to notice that it cannot be reached', async (t) => {
    const { pool, orchestrator } = await openWorld(t, [localModel('2', answering(2))]);
    orchestrator.announce(at('1', await silentServer(t)));
    await eventually('it is awaited', () => (pool.awaited([]) ?? []).length === 1);
    const late = await pool.settled(['2'], until(), { unreachableMs: 300 });
    assert.deepEqual(
      late.map(({ model_id, why }) => [model_id, why]),
      [['1', 'cannot be reached']],
    );
    assert.match(late[0]?.address ?? '', /^127\.0\.0\.1:\d+$/);
    assert.equal((await pool.call('2', predict, limits)).result, 2);
    await assert.rejects(pool.settled(['1'], AbortSignal.timeout(400), { unreachableMs: 100 }), /timeout/i);
  });

  it('is waited for while it is being set up, unless that takes longer than the patience allows', async (t) => {
    let finish = (): void => undefined;
    const loaded = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = localModel('1', () => loaded.then(answering(1)));
    const { pool, orchestrator, host } = await openWorld(t, []);
    orchestrator.announce(await host.add(slow));
    await eventually('it is being set up', () => pool.awaited([])?.[0]?.why === 'is being set up');
    const live = await pool.settled([], until(), { unreachableMs: 50, settingUpMs: 100 });
    assert.deepEqual(
      live.map(({ why }) => why),
      ['is being set up'],
    );
    const replayed = pool.settled([], until(), { unreachableMs: 50 });
    finish();
    assert.deepEqual(await replayed, []);
    assert.ok(pool.isRunning('1'));
  });

  it('is expected no more once it is given up on', async (t) => {
    const { pool, orchestrator } = await openWorld(t, [], { timing: { readyMs: 100 } });
    orchestrator.announce(at('1', await freePort()));
    assert.deepEqual(await pool.settled(['1'], until(), { unreachableMs: 50 }), []);
    assert.equal(pool.isRunning('1'), false);
    assert.deepEqual(pool.awaited(['1', '9']), [{ model_id: '9', address: null, why: 'not announced' }]);
  });

  it('is reported when the peer accepts and stays silent', async (t) => {
    const { orchestrator } = await openWorld(t, [], { timing: { readyMs: 50 } });
    orchestrator.announce(at('1', await silentServer(t)));
    await eventually('the report is in', () => orchestrator.reports.length === 1);
    assert.equal(orchestrator.reports[0]?.failure_code, 'CONNECTION_FAILED');
  });

  it('is not waited for when it is set up too slowly', async (t) => {
    const hanging = localModel('1', () => new Promise(() => undefined));
    const { orchestrator } = await openWorld(t, [hanging], { timing: { setupMs: 50 } });
    await eventually('the report is in', () => orchestrator.reports.length === 1);
    assert.equal(orchestrator.reports[0]?.failure_code, 'CONNECTION_FAILED');
  });

  it('is reported at once when it refuses the connection', async (t) => {
    const { orchestrator } = await openWorld(t, []);
    orchestrator.announce(at('1', await refusing(t, status.UNAUTHENTICATED, { setup: true })));
    await eventually('the report is in', () => orchestrator.reports.length === 1);
    assert.equal(orchestrator.reports[0]?.failure_code, 'CONNECTION_FAILED');
  });

  it('fails alone when it starts refusing during a call', async (t) => {
    const { orchestrator, pool } = await openWorld(t, [localModel('2', answering(2))]);
    orchestrator.announce(at('1', await refusing(t, status.UNAUTHENTICATED, { setup: false })));
    await pool.settled(['1'], until());
    const [answer, other] = await Promise.all([pool.call('1', predict, limits), pool.call('2', predict, limits)]);
    assert.deepEqual([answer.status, answer.error_code, other.result], ['FAILED', 'UNAUTHENTICATED', 2]);
    await eventually('the report is in', () => orchestrator.reports.length === 1);
    assert.equal(orchestrator.reports[0]?.failure_code, 'CONNECTION_FAILED');
  });

  for (const code of [status.UNIMPLEMENTED, status.UNAVAILABLE, status.INTERNAL]) {
    it(`is recorded as failed, not timed out, for ${status[code]}`, async (t) => {
      const { orchestrator, pool } = await openWorld(t, []);
      orchestrator.announce(at('1', await refusing(t, code, { setup: false })));
      await pool.settled(['1'], until());
      const answer = await pool.call('1', predict, limits);
      assert.deepEqual([answer.status, answer.error_code], ['FAILED', status[code]]);
    });
  }

  it('is reported after the reconnect when the orchestrator was away, with the exact address', async (t) => {
    const { pool, orchestrator, changes } = await openWorld(t, [localModel('1', answering(1))]);
    orchestrator.disconnect();
    await eventually('the loss is noticed', () => !pool.orchestratorConnected);
    await pool.reportFailure('1', 'MULTIPLE_TIMEOUT', 'slow');
    await eventually('the report is in', () => orchestrator.reports.length === 1);
    assert.deepEqual(orchestrator.reports, [
      { model_id: '1', failure_code: 'MULTIPLE_TIMEOUT', failure_reason: 'slow', ip: '127.0.0.1' },
    ]);
    assert.equal(changes[1]?.kind, 'failed');
  });

  it('stays when failures are not to be reported', async (t) => {
    const { pool, orchestrator } = await openWorld(t, [localModel('1', answering(1))], { reportFailures: false });
    await pool.reportFailure('1', 'MULTIPLE_FAILED', null);
    assert.ok(pool.isRunning('1'));
    assert.deepEqual(orchestrator.reports, []);
  });

  it('is connected to again when it stops responding to health checks', async (t) => {
    let setups = 0;
    const server = createGrpcServer();
    server.add(modelService, {
      setup: async () => {
        setups += 1;
        return { status: { code: 'SUCCESS' } };
      },
      call: async () => new Promise(() => undefined),
      rest: async () => ({}),
    });
    server.add(healthService, { check: async () => ({ status: 2 }) });
    t.after(() => server.forceShutdown());
    const { pool, orchestrator } = await openWorld(t, []);
    orchestrator.announce(at('1', await server.listen('127.0.0.1:0')));
    await pool.settled(['1'], until());
    for (const _ of [1, 2]) assert.equal((await pool.call('1', predict, soon)).status, 'TIMEOUT');
    await eventually('it is set up again', () => setups === 2);
    assert.ok(pool.isRunning('1'));
  });
});

describe('credentials', () => {
  it('go with every call and with no health check', async (t) => {
    const seen: string[] = [];
    const server = createGrpcServer().use(async function* (call, context) {
      seen.push(`${call.method.path.split('/').pop()} ${context.metadata.get('x-gateway-auth-message') ?? 'nothing'}`);
      return yield* call.next(call.request, context);
    });
    server.add(modelService, {
      setup: async () => ({ status: { code: 'SUCCESS' } }),
      call: async () => new Promise(() => undefined),
      rest: async () => ({}),
    });
    server.add(healthService, { check: async () => ({ status: 1 }) });
    t.after(() => server.forceShutdown());
    const credentials = {
      ...plaintext,
      callMetadata: (modelId: string) => {
        const metadata = new Metadata();
        metadata.set('x-gateway-auth-message', `for ${modelId}`);
        return metadata;
      },
    };
    const { pool, orchestrator } = await openWorld(t, [], { credentials });
    orchestrator.announce(at('1', await server.listen('127.0.0.1:0')));
    await pool.settled(['1'], until());
    for (const _ of [1, 2]) await pool.call('1', predict, soon);
    await eventually('the health check is in', () => seen.length === 4);
    assert.deepEqual(seen, ['Setup for 1', 'Call for 1', 'Call for 1', 'Check nothing']);
  });
});
