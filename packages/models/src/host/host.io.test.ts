import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createChannel, createClient, Status } from 'nice-grpc';
import WebSocket from 'ws';
import { CRUNCH, eventually, localModel } from '../testing/world.ts';
import { healthService, modelService, SERVING } from '../wire/protocol.ts';
import { decodeVariant } from '../wire/variant.ts';
import { startLocalOrchestrator } from './local-orchestrator.ts';
import { startModelHost } from './model-host.ts';

/** Talks to a hosted model as another implementation of the protocol would. */
async function host(t: TestContext, create: () => object | Promise<object>) {
  const models = await startModelHost({ models: [localModel('1', create)] });
  const [running] = models.running();
  assert.ok(running);
  const channel = createChannel(`${running.ip}:${running.port}`);
  t.after(() => {
    channel.close();
    models.stopAll();
  });
  const client = createClient(modelService, channel);
  const code = async (answer: Promise<{ status?: { code?: string } }>) => (await answer).status?.code;
  return { client, code, health: createClient(healthService, channel), running, models };
}
const className = 'cruncher.ModelBaseClass';

describe('a hosted model', () => {
  it('responds as a model runner does', async (t) => {
    const { client, code, health } = await host(t, () => ({ predict: () => 1.5, broken: () => assert.fail('no') }));
    assert.equal((await health.check({})).status, SERVING);
    assert.equal(await code(client.rest({})), 'SUCCESS');
    assert.equal(await code(client.call({ methodName: 'predict' })), 'FAILED_PRECONDITION');
    assert.equal(await code(client.setup({})), 'INVALID_ARGUMENT');
    assert.equal(await code(client.setup({ className })), 'SUCCESS');
    assert.equal(await code(client.call({})), 'INVALID_ARGUMENT');
    assert.equal(await code(client.call({ methodName: 'nothing' })), 'BAD_IMPLEMENTATION');
    assert.equal(await code(client.call({ methodName: 'broken' })), 'MODEL_FAILED');
    const { status, methodResponse } = await client.call({ methodName: 'predict' });
    assert.equal(status?.code, 'SUCCESS');
    assert.equal(decodeVariant(methodResponse), 1.5);
    assert.equal(await code(client.rest({})), 'SUCCESS');
    assert.equal(await code(client.call({ methodName: 'predict' })), 'FAILED_PRECONDITION');
  });

  it('keeps its state when it is set up again', async (t) => {
    let made = 0;
    const { client, code } = await host(t, () => ({ made: ++made }));
    for (const _ of [1, 2]) assert.equal(await code(client.setup({ className })), 'SUCCESS');
    assert.equal(made, 1);
  });

  it('sorts arguments by position', async (t) => {
    const { client } = await host(t, () => ({ predict: (...all: unknown[]) => all }));
    await client.setup({ className });
    const argument = (position: number) => ({ position, data: { type: 3, value: Buffer.from(String(position)) } });
    const answer = await client.call({ methodName: 'predict', methodArguments: [3, 1, 2].map(argument) });
    assert.deepEqual(decodeVariant(answer.methodResponse), ['1', '2', '3']);
  });

  it('gives keyword arguments their places by name, and leaves out those without a parameter', async (t) => {
    const { client } = await host(t, () => ({
      predict: (asset: string, resolveHorizon = 0, step = 5) => [asset, resolveHorizon, step],
    }));
    await client.setup({ className });
    const data = (value: string) => ({ type: 3, value: Buffer.from(value) });
    const keyword = (name: string) => ({ keyword: name, data: data(name) });
    const answer = await client.call({
      methodName: 'predict',
      methodArguments: [{ position: 1, data: data('BTC') }],
      methodKwArguments: [keyword('unknown'), keyword('asset'), keyword('resolve_horizon')],
    });
    assert.deepEqual(decodeVariant(answer.methodResponse), ['BTC', 'resolve_horizon', 5]);
  });

  it('refuses every call while one is in progress, and responds to health checks', async (t) => {
    let release: () => void = () => undefined;
    let begun = false;
    const slow = () =>
      new Promise<void>((resolve) => {
        release = resolve;
        begun = true;
      });
    const { client, health } = await host(t, () => ({ slow }));
    await client.setup({ className });
    const first = client.call({ methodName: 'slow' });
    await eventually('the call is in progress', () => begun);
    await assert.rejects(client.call({ methodName: 'slow' }), { code: Status.RESOURCE_EXHAUSTED });
    await assert.rejects(client.setup({ className }), { code: Status.RESOURCE_EXHAUSTED });
    assert.equal((await health.check({})).status, SERVING, 'a busy model is a healthy one');
    release();
    await first;
    assert.equal((await health.check({})).status, SERVING);
  });

  it('takes the first free port of a range', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const models = await startModelHost({ models: [localModel('1', () => ({}))], portRange: [port, port + 50] });
    t.after(() => models.stopAll());
    assert.ok((models.running()[0]?.port ?? 0) > port);
    await assert.rejects(
      startModelHost({ models: [localModel('1', () => ({}))], portRange: [port, port] }),
      /expected a free port/,
    );
  });
});

describe('the local orchestrator', () => {
  async function open(t: TestContext) {
    const models = await startModelHost({ models: [localModel('1', () => ({}))] });
    const orchestrator = await startLocalOrchestrator({ crunchId: CRUNCH, models });
    t.after(async () => {
      await orchestrator.stop();
      models.stopAll();
    });
    const connect = (path: string) => {
      const socket = new WebSocket(`${orchestrator.url}${path}`);
      const frames: string[] = [];
      socket.on('message', (data) => frames.push(data.toString()));
      t.after(() => socket.terminate());
      return { socket, frames };
    };
    return { models, orchestrator, connect };
  }
  const report = (ip: string, model_id = '1') =>
    JSON.stringify({
      event: 'report_failure',
      data: [{ model_id, failure_code: 'MULTIPLE_FAILED', failure_reason: null, ip }],
    });

  it('announces its models as a Python peer writes', async (t) => {
    const { connect, models } = await open(t);
    const { frames } = connect(`/${CRUNCH}/`);
    await eventually('init is in', () => frames.length === 1);
    const port = models.running()[0]?.port;
    assert.equal(
      frames[0],
      '{"event": "init", "data": [{"deployment_id": "1_local", "model_id": "1", "infos": {"model_name": "model 1", ' +
        '"cruncher_id": "local-1", "cruncher_name": "tester", "cruncher_wallet_pubkey": "local-1", ' +
        `"cruncher_hotkey": null}, "state": "RUNNING", "ip": "127.0.0.1", "port": ${port}}]}`,
    );
  });

  it('stops a model that is reported by id and address, and no other', async (t) => {
    const { connect, models, orchestrator } = await open(t);
    const { socket, frames } = connect(`/${CRUNCH}`);
    await eventually('init is in', () => frames.length === 1);
    for (const text of ['{', '7', 'null', report('10.0.0.1'), report('127.0.0.1', '2'), report('127.0.0.1')])
      socket.send(text);
    await eventually('STOPPED is sent', () => frames.length === 2);
    assert.match(frames[1] ?? '', /"deployment_id": "1_local".*"state": "STOPPED"/);
    assert.equal(orchestrator.reports.length, 1);
    assert.deepEqual(models.running(), []);
  });

  it('refuses connections for any other crunch', async (t) => {
    const { connect } = await open(t);
    const { frames } = connect('/another');
    await eventually('init is in', () => frames.length === 1);
    assert.equal(frames[0], '{"event": "init", "data": []}');
    const nameless = connect('/');
    await once(nameless.socket, 'close');
    assert.match(nameless.frames[0] ?? '', /^\{"error": /);
  });

  it('refuses a request that opens no WebSocket', async (t) => {
    const { orchestrator } = await open(t);
    const [response] = (await once(get(orchestrator.url.replace('ws:', 'http:')), 'response')) as [IncomingMessage];
    assert.equal(response.statusCode, 426);
    response.resume();
  });
});
