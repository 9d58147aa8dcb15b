import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunningModel } from './host/model-host.ts';
import { eventually, limits, localModel, openWorld, PLENTY_MS, predict } from './testing/world.ts';

const answering = (value: number) => () => ({ predict: () => value });
const until = () => AbortSignal.timeout(PLENTY_MS);

describe('the roster of models', () => {
  it('is settled when every expected model has joined', async (t) => {
    const { pool, host, orchestrator } = await openWorld(t, [localModel('1', answering(1))]);
    await pool.settled(['1'], until());
    const settled = pool.settled(['1', '2'], until());
    orchestrator.announce(await host.add(localModel('2', answering(2))));
    await settled;
    assert.deepEqual(
      pool.running().map(({ model_id }) => model_id),
      ['1', '2'],
    );
    await assert.rejects(pool.settled(['3'], AbortSignal.abort(new Error('enough'))), /enough/);
  });

  it('does not let one slow model hold up the others', async (t) => {
    const { pool, host, orchestrator } = await openWorld(t, [localModel('quick', answering(1))]);
    orchestrator.announce(await host.add(localModel('slow', () => new Promise(() => undefined))));
    orchestrator.announce(await host.add(localModel('next', answering(2))));
    await eventually('the next one runs', () => pool.isRunning('next'));
    assert.equal(pool.isRunning('slow'), false);
    assert.equal((await pool.call('quick', predict, limits)).result, 1);
  });

  it('follows new names without connecting again', async (t) => {
    const { pool, host, orchestrator, changes } = await openWorld(t, [localModel('1', answering(1))]);
    const [running] = host.running();
    assert.ok(running);
    orchestrator.announce({ ...running, model: { ...running.model, model_name: 'renamed' } });
    orchestrator.announce({ ...running, model: { ...running.model, model_name: 'renamed' } });
    await eventually('the name is known', () => pool.running()[0]?.model_name === 'renamed');
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['running', 'running'],
    );
  });

  it('moves to a new deployment, whatever is reported late about the old one', async (t) => {
    const { pool, host, orchestrator, changes } = await openWorld(t, [localModel('1', answering(1))]);
    const [old] = host.running();
    assert.ok(old);
    orchestrator.announce(await host.add(localModel('1', answering(2))));
    orchestrator.withdraw(old);
    await eventually('the new deployment runs', () => pool.running()[0]?.deployment_id === '1_local_2');
    assert.equal((await pool.call('1', predict, limits)).result, 2);
    assert.ok(changes.every(({ kind }) => kind === 'running'));
  });

  for (const state of ['STOPPED', 'RECOVERING'] as const) {
    it(`removes a model that is ${state}`, async (t) => {
      const { pool, host, orchestrator, changes } = await openWorld(t, [localModel('1', answering(1))]);
      const [running] = host.running();
      assert.ok(running);
      orchestrator.withdraw(running, state);
      await eventually('the model is gone', () => !pool.isRunning('1'));
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        ['running', 'stopped'],
      );
    });
  }

  it('removes models that are missing after a reconnect, and keeps the others meanwhile', async (t) => {
    const { pool, host, orchestrator } = await openWorld(t, [
      localModel('1', answering(1)),
      localModel('2', answering(2)),
    ]);
    const [, second] = host.running();
    assert.ok(second);
    orchestrator.disconnect();
    assert.equal((await pool.call('2', predict, limits)).result, 2);
    orchestrator.withdraw(second); // not received: the connection is down
    await eventually('the second is gone', () => !pool.isRunning('2'));
    assert.ok(pool.isRunning('1'));
    assert.ok(pool.orchestratorConnected);
  });

  it('survives any message of the orchestrator', async (t) => {
    const { pool, orchestrator } = await openWorld(t, [localModel('1', answering(1))]);
    for (const text of [
      '',
      '{',
      '[]',
      '{"event":"update"}',
      '{"event":"init","data":[{"model_id":"1"}]}',
      '{"error":"no"}',
    ]) {
      orchestrator.print(text);
    }
    assert.equal((await pool.call('1', predict, limits)).result, 1);
    assert.ok(pool.isRunning('1'));
  });

  it('follows the newer deployment when init names two', async (t) => {
    const { pool, host, orchestrator } = await openWorld(t, [localModel('1', answering(1))]);
    const [old] = host.running();
    assert.ok(old);
    const element = ({ deployment_id, ip, port }: RunningModel) => ({
      deployment_id,
      model_id: '1',
      state: 'RUNNING',
      ip,
      port,
    });
    const newer = await host.add(localModel('1', answering(2)));
    orchestrator.print(JSON.stringify({ event: 'init', data: [element(newer), element(old)] }));
    await eventually('the new deployment runs', () => pool.running()[0]?.deployment_id === '1_local_2');
    orchestrator.withdraw(old);
    orchestrator.print(JSON.stringify({ event: 'init', data: [element(newer)] }));
    assert.equal((await pool.call('1', predict, limits)).result, 2);
  });

  it('ends calls in flight when it is closed', async (t) => {
    let called = false;
    const predictMethod = () => {
      called = true;
      return new Promise(() => undefined);
    };
    const { pool } = await openWorld(t, [localModel('1', () => ({ predict: predictMethod }))]);
    const calls = [false, true].map((patient) => pool.call('1', predict, { ...limits, patient }));
    await eventually('the call is in progress', () => called);
    await pool.close();
    for (const answer of await Promise.all(calls)) assert.equal(answer.status, 'FAILED');
  });
});
