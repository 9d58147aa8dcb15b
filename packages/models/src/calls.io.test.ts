import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModelAnswer } from './pool.ts';
import { aborted, eventually, feedUpdate, limits, localModel, openWorld, predict, soon } from './testing/world.ts';
import { encodeCall } from './wire/calls.ts';

const statuses = ({ exec_us: _, ...answer }: ModelAnswer) => answer;

describe('a call of a model', () => {
  it('returns the result of the model, called with the given arguments', async (t) => {
    const create = () => ({
      predict: (subject: unknown, horizon: unknown, step: unknown) => ({
        value: 0.5,
        about: [subject, horizon, step],
        név: 'é',
      }),
    });
    const { pool } = await openWorld(t, [localModel('1', create)]);
    const answer = await pool.call('1', predict, limits);
    assert.deepEqual(statuses(answer), {
      status: 'SUCCESS',
      result: { value: 0.5, about: ['BTCUSDT', 60, 15], név: 'é' },
      error_code: null,
      message: null,
      detail: null,
    });
    assert.ok(answer.exec_us > 0);
  });

  for (const [what, predictMethod, expected] of [
    [
      'raises',
      () => {
        throw new Error('boom');
      },
      { status: 'FAILED', error_code: 'MODEL_FAILED', message: 'boom' },
    ],
    [
      'rejects',
      async () => {
        throw new Error('later');
      },
      { status: 'FAILED', error_code: 'MODEL_FAILED', message: 'later' },
    ],
    ['wants more arguments', (_a: 1, _b: 1, _c: 1, _d: 1) => 1, { status: 'FAILED', error_code: 'MODEL_FAILED' }],
    ['answers what cannot be sent', () => Symbol('no'), { status: 'FAILED', error_code: 'MODEL_FAILED' }],
    ['answers not a number', () => ({ value: Number.NaN }), { status: 'SUCCESS', result: { value: Number.NaN } }],
    ['answers infinity', () => Number.NEGATIVE_INFINITY, { status: 'SUCCESS', result: Number.NEGATIVE_INFINITY }],
    ['answers a text', () => 'up', { status: 'SUCCESS', result: 'up' }],
    ['answers an integer', () => 7n, { status: 'SUCCESS', result: 7 }],
    ['answers a boolean', () => true, { status: 'SUCCESS', result: 1 }],
    ['answers nothing', () => undefined, { status: 'SUCCESS', result: undefined }],
    ['answers another shape', async () => [{ forecast: 'up' }], { status: 'SUCCESS', result: [{ forecast: 'up' }] }],
  ] as const) {
    it(`reports the outcome when the model ${what}`, async (t) => {
      const { pool } = await openWorld(t, [localModel('1', () => ({ predict: predictMethod }))]);
      const answer = await pool.call('1', predict, limits);
      assert.deepEqual({ ...statuses(answer), ...expected }, statuses(answer));
      assert.ok(pool.isRunning('1'));
    });
  }

  it('ends at its deadline, and is cancelled on the side of the model', async (t) => {
    let cancelled = false;
    let signal: AbortSignal | undefined;
    const create = () => ({
      beginCall: (current: AbortSignal) => {
        signal = current;
      },
      predict: async () => {
        await aborted(signal ?? assert.fail());
        cancelled = true;
      },
    });
    const { pool } = await openWorld(t, [localModel('1', create)]);
    const answer = await pool.call('1', predict, soon);
    assert.deepEqual([answer.status, answer.error_code], ['TIMEOUT', 'DEADLINE_EXCEEDED']);
    await eventually('the model is cancelled', () => cancelled);
  });

  it('finds a late model busy, and is repeated for a busy one only when patient', async (t) => {
    let release: () => void = () => undefined;
    let calls = 0;
    const create = () => ({
      predict: () => {
        calls += 1;
        return calls === 1
          ? new Promise((resolve) => {
              release = () => resolve('late');
            })
          : 'in time';
      },
    });
    const { pool } = await openWorld(t, [localModel('1', create)]);
    assert.equal((await pool.call('1', predict, soon)).status, 'TIMEOUT');
    const busy = await pool.call('1', predict, limits);
    assert.deepEqual([busy.status, busy.error_code], ['TIMEOUT', 'RESOURCE_EXHAUSTED']);
    const patient = pool.call('1', predict, { ...limits, patient: true });
    setImmediate(release);
    assert.equal((await patient).result, 'in time');
    assert.equal(calls, 2);
  });

  it('is sent one at a time and in order, without waiting for other models', async (t) => {
    const order: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = () => ({
      async feedUpdate() {
        await held;
        order.push('feed_update');
      },
      predict: () => void order.push('predict'),
    });
    const { pool } = await openWorld(t, [localModel('slow', slow), localModel('quick', () => ({ predict: () => 1 }))]);
    const both = [pool.call('slow', feedUpdate, limits), pool.call('slow', predict, limits)];
    assert.equal((await pool.call('quick', predict, limits)).result, 1);
    assert.deepEqual(order, []);
    release();
    await Promise.all(both);
    assert.deepEqual(order, ['feed_update', 'predict']);
  });

  it('is late when its turn does not come before its deadline', async (t) => {
    let release: () => void = () => undefined;
    const create = () => ({
      feedUpdate: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      predict: () => 1,
    });
    const { pool } = await openWorld(t, [localModel('1', create)]);
    const first = pool.call('1', feedUpdate, limits);
    const answer = await pool.call('1', predict, soon);
    assert.deepEqual([answer.status, answer.error_code, answer.exec_us], ['TIMEOUT', 'DEADLINE_EXCEEDED', 0]);
    release();
    assert.equal((await first).status, 'SUCCESS');
    assert.equal((await pool.call('1', predict, limits)).result, 1);
  });

  it('sets a model up again that lost its instance, and tries once more', async (t) => {
    let made = 0;
    const create = () => {
      made += 1;
      return { predict: () => made };
    };
    const { pool, host, changes } = await openWorld(t, [localModel('1', create)]);
    assert.equal((await pool.call('1', predict, limits)).result, 1);
    host.forget('1');
    assert.equal((await pool.call('1', predict, limits)).result, 2);
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['running'],
    );
  });

  it('comes back to a model that was restarted at the same address', async (t) => {
    let made = 0;
    const create = () => {
      made += 1;
      return { predict: () => made };
    };
    const { pool, host, orchestrator } = await openWorld(t, [localModel('1', create)]);
    host.stop('1');
    const gone = await pool.call('1', predict, limits);
    assert.deepEqual([gone.status, gone.error_code], ['FAILED', 'UNAVAILABLE']);
    await host.restart('1');
    await eventually(
      'the model answers again',
      async () => (await pool.call('1', predict, limits)).status === 'SUCCESS',
    );
    assert.equal(made, 2);
    assert.deepEqual(orchestrator.reports, []);
  });

  it('fails when the server dies in the middle', async (t) => {
    let called = false;
    const create = () => ({
      predict: () => {
        called = true;
        return new Promise(() => undefined);
      },
    });
    const { pool, host } = await openWorld(t, [localModel('1', create)]);
    const answer = pool.call('1', predict, limits);
    await eventually('the call is in progress', () => called);
    host.stop('1');
    const { status, error_code } = await answer;
    assert.equal(status, 'FAILED');
    assert.match(error_code ?? '', /UNAVAILABLE|CANCELLED/);
  });

  it('falls back to tick where feed_update is unknown, and remembers', async (t) => {
    const asked: unknown[] = [];
    const { pool } = await openWorld(t, [localModel('1', () => ({ tick: (data: unknown) => void asked.push(data) }))]);
    for (const _ of [1, 2]) assert.equal((await pool.call('1', feedUpdate, limits)).status, 'SUCCESS');
    assert.equal(asked.length, 2);
    assert.deepEqual(asked[0], { symbol: 'BTCUSDT', asof_ts: 1 });
  });

  it('gives up on a model that lacks the method', async (t) => {
    const { pool, orchestrator, changes } = await openWorld(t, [localModel('1', () => ({}))]);
    const answer = await pool.call('1', feedUpdate, limits);
    assert.deepEqual([answer.status, answer.error_code], ['FAILED', 'BAD_IMPLEMENTATION']);
    await eventually('the orchestrator knows', () => orchestrator.reports.length === 1);
    assert.equal(orchestrator.reports[0]?.failure_code, 'BAD_IMPLEMENTATION');
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['running', 'failed'],
    );
    assert.equal((await pool.call('1', feedUpdate, limits)).error_code, 'UNAVAILABLE');
  });

  it('never calls methods that every object has', async (t) => {
    const { pool } = await openWorld(t, [localModel('1', () => ({}))], { reportFailures: false });
    for (const method of ['constructor', 'toString', '__proto__', 'beginCall', '']) {
      assert.equal((await pool.call('1', encodeCall(method, []), limits)).status, 'FAILED', method);
    }
    assert.ok(pool.isRunning('1'));
  });

  it('fails, and is not repeated for ever, when the message is too large', async (t) => {
    const create = () => ({ predict: () => 'x'.repeat(100_000) });
    const { pool } = await openWorld(t, [localModel('1', create)], { callDefaults: { maxMessageBytes: 10_000 } });
    const answer = await pool.call('1', predict, { ...limits, patient: true });
    assert.deepEqual([answer.status, answer.error_code], ['FAILED', 'RESOURCE_EXHAUSTED']);
  });

  it('fails for a model that was never announced', async (t) => {
    const { pool } = await openWorld(t, []);
    assert.equal((await pool.call('nobody', predict, limits)).status, 'FAILED');
  });

  it('keeps the message of a failed model short and storable', async (t) => {
    const create = () => ({
      predict: () => {
        throw new Error(`bo\u0000om ${'!'.repeat(100_000)}`);
      },
    });
    const { pool } = await openWorld(t, [localModel('1', create)]);
    const { message } = await pool.call('1', predict, limits);
    assert.match(message ?? '', /^bo\ufffdom !{100,}$/);
    assert.ok((message ?? '').length <= 1_000);
  });
});
