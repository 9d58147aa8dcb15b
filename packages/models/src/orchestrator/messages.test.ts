import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeReport, readMessage } from './messages.ts';

const element = {
  deployment_id: '1_20260301_101500_123',
  model_id: '1',
  infos: { model_name: 'mean-reversion', cruncher_id: 'local-0001', cruncher_name: 'local-dev', cruncher_hotkey: null },
  state: 'RUNNING',
  ip: '172.20.0.7',
  port: 50051,
};
const read = (changed: object) => {
  const message = readMessage(JSON.stringify({ event: 'update', data: [{ ...element, ...changed }] }));
  assert.equal(message.event, 'update');
  return message as Extract<typeof message, { event: 'update' | 'init' }>;
};

describe('messages of the orchestrator', () => {
  it('reads a running model as a Python peer writes it', () => {
    const text =
      '{"event": "init", "data": [{"deployment_id": "1_20260301_101500_123", "model_id": "1", "infos": ' +
      '{"model_name": "m\\u00e9an", "cruncher_id": "local-0001", "cruncher_name": null}, "state": "RUNNING", ' +
      '"ip": "172.20.0.7", "port": "50051"}]}';
    assert.deepEqual(readMessage(text), {
      event: 'init',
      announcements: [
        {
          state: 'RUNNING',
          ip: '172.20.0.7',
          port: 50051,
          wallet: null,
          hotkey: null,
          model: {
            model_id: '1',
            deployment_id: '1_20260301_101500_123',
            model_name: 'méan',
            cruncher_id: 'local-0001',
            cruncher_name: 'Unknown',
          },
        },
      ],
      named: ['1'],
      faults: [],
    });
  });

  it('replaces what is missing about a model', () => {
    const [{ model } = assert.fail()] = read({ infos: null, deployment_id: null }).announcements;
    assert.deepEqual(model, {
      model_id: '1',
      deployment_id: 'unknown-deployment',
      model_name: 'unknown-model',
      cruncher_id: 'unknown-player',
      cruncher_name: 'Unknown',
    });
  });

  it('needs no address of a model that stopped', () => {
    for (const state of ['STOPPED', 'RECOVERING']) {
      assert.equal(read({ state, ip: null, port: 0 }).announcements[0]?.state, state);
    }
  });

  for (const changed of [
    { port: 0 },
    { port: '70000' },
    { port: '50051; rm' },
    { port: 1.5 },
    { port: null },
    { ip: '' },
    { ip: null },
    { ip: 'unix:/run/docker.sock' },
    { ip: 'host/path' },
    { ip: 'a b' },
    { ip: '1.2.3.4,5.6.7.8' },
    { state: 'SLEEPING' },
    { state: null },
  ]) {
    it(`ignores a model with ${JSON.stringify(changed)}, and still lists its id`, () => {
      const { announcements, named, faults } = read(changed);
      assert.deepEqual([announcements.length, named, faults.length], [0, ['1'], 1]);
    });
  }

  it('accepts host names and both kinds of addresses', () => {
    for (const ip of ['::1', '10.0.0.1', 'localhost', 'model-orchestrator', 'runner_7.internal']) {
      assert.equal(read({ ip }).announcements.length, 1, ip);
    }
  });

  it('reads the others when one element is bad', () => {
    const message = readMessage(
      JSON.stringify({ event: 'init', data: [7, null, {}, { ...element, port: 0 }, element] }),
    );
    assert.ok(message.event === 'init');
    assert.equal(message.announcements.length, 1);
    assert.equal(message.faults.length, 4);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readMessage(text)));
    fc.assert(
      fc.property(fc.jsonValue(), (data) => void readMessage(JSON.stringify({ event: 'update', data: [data] }))),
    );
  });

  it('understands a refusal', () => {
    assert.deepEqual(readMessage('{"error": "which crunch?"}'), { event: 'error', error: 'which crunch?' });
  });

  it('writes a report as existing orchestrators read it', () => {
    assert.equal(
      encodeReport({ model_id: '1', failure_code: 'MULTIPLE_TIMEOUT', failure_reason: null, ip: '172.20.0.7' }),
      '{"event":"report_failure","data":[{"model_id":"1","failure_code":"MULTIPLE_TIMEOUT","failure_reason":null,"ip":"172.20.0.7"}]}',
    );
  });
});
