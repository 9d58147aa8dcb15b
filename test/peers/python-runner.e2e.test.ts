/**
 * Replies of the real crunch-model-runner, and of the small host, to the calls of our client, and the resulting
 * predictions.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, type OwnedProcess, startOwned, type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import {
  type Argument,
  connectModels,
  encodeCall,
  type LocalOrchestrator,
  type ModelPool,
  type PoolChange,
  type RunningDeployment,
  startLocalOrchestrator,
} from '@crunch-node/models';
import { pythonPeer } from '../support/python-peers.ts';

const peer = await pythonPeer('runner');
const CRUNCH = 'odd';
const PLENTY_MS = 60_000;
const limits = { deadlineMs: PLENTY_MS, patient: false };
const odd = `${import.meta.dirname}/odd`;
const smallHost = join(import.meta.dirname, '..', '..', 'services', 'orchestrator', 'python');

for (const host of ['model_runner.server', 'crunch_node_host'] as const)
  describe(`models served by ${host}`, { skip: peer.missing ?? false }, () => {
    const isReal = host === 'model_runner.server';
    let folder: TempDir;
    let port: number;
    let runner: OwnedProcess;
    let orchestrator: LocalOrchestrator;
    let deployment: RunningDeployment;
    let pool: ModelPool;
    const changes: PoolChange[] = [];

    const startRunner = async (): Promise<void> => {
      runner = await startOwned({
        command: 'python' in peer ? peer.python : '',
        args: ['-m', host, '--code-directory', odd, '--address', `127.0.0.1:${port}`],
        logFile: `${folder.path}/runner.log`,
        deathSignal: 'SIGKILL',
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: smallHost },
      });
    };
    const startOrchestrator = (at = 0): Promise<LocalOrchestrator> =>
      startLocalOrchestrator({
        crunchId: CRUNCH,
        port: at,
        models: { running: () => [deployment], stop: () => undefined },
      });
    const connect = (): ModelPool =>
      connectModels({
        orchestratorUrl: orchestrator.url,
        crunchId: CRUNCH,
        baseClassname: 'cruncher.ModelBaseClass',
        modelArguments: { horizon: 300 },
        timing: { backOffMs: [20, 100], retryMs: [500, 1_000, 2_000, 4_000], busyMs: [20, 100] },
      });
    const ask = (method: string, ...args: readonly Argument[]) => pool.call('1', encodeCall(method, args), limits);
    const running = () => pool.settled(['1'], AbortSignal.timeout(PLENTY_MS));

    before(async () => {
      folder = await tempDir('crunch-peers-');
      port = await freePort();
      const model = { model_id: '1', model_name: 'odd', cruncher_id: 'a', cruncher_name: 'b' };
      deployment = { model, deployment_id: '1_a', ip: '127.0.0.1', port };
      await startRunner();
      orchestrator = await startOrchestrator();
      pool = connect();
      pool.watch((change) => changes.push(change));
      await running();
    });
    after(async () => {
      await pool.close();
      await orchestrator.stop();
      await runner.kill('SIGKILL');
      await folder.remove();
    });

    it('take typed arguments by position and by keyword', async () => {
      const typed: readonly Argument[] = [
        { type: 'STRING', value: 'h\u00e9 \u{1f600}' },
        { type: 'INT', value: -(2n ** 60n) },
        { type: 'DOUBLE', value: 0.1 },
        { type: 'JSON', value: { a: [null, true, 1.5, '\u0000'] } },
        { type: 'JSON', value: null },
      ];
      const { result } = await ask('arguments', ...typed);
      assert.deepEqual(result, [
        ['str', 'h\u00e9 \u{1f600}'],
        ['int', Number(-(2n ** 60n))],
        ['float', 0.1],
        ['dict', { a: [null, true, 1.5, '\u0000'] }],
        ['NoneType', null],
      ]);
      const keywords = await ask(
        'keywords',
        { type: 'STRING', value: 'BTC' },
        { type: 'INT', value: 60, keyword: 'step' },
        { type: 'INT', value: 1, keyword: 'unknown' },
      );
      assert.deepEqual(keywords.result, { asset: 'BTC', horizon: 1, step: 60 });
    });

    it('are set up with arguments, sent an input, and called', async () => {
      const input = { symbol: 'BTC', candles_1m: Array.from({ length: 50_000 }, (_, ts) => ({ ts, close: 1.5 })) };
      assert.equal((await ask('feed_update', { type: 'JSON', value: input })).status, 'SUCCESS');
      const answer = await ask(
        'predict',
        { type: 'STRING', value: 'BTC' },
        { type: 'INT', value: 60 },
        { type: 'INT', value: 15 },
      );
      assert.deepEqual(answer.result, { value: 0.5, seen: 1, horizon: 300 });
      assert.deepEqual((await ask('last_seen')).result, input);
    });

    const ANSWERS: Readonly<Record<string, unknown>> = {
      nan: Number.NaN,
      nested_nan: { value: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 'NaN'] },
      numpy_double: 1.5,
      boolean: 1,
      integer: -(2 ** 40),
      huge_integer_in_json: { value: 2 ** 70 },
      text: 'h\u00e9llo \u{1f600} \u0000',
      broken_text: { value: 'a\ud800b' },
      integer_keys: { 300: 1.5, null: 2, true: 3 },
      nothing: undefined,
    };
    for (const [method, expected] of Object.entries(ANSWERS)) {
      it(`answer ${method}`, async () => {
        const { status, result, message } = await ask(method);
        assert.deepEqual([status, result, message], ['SUCCESS', expected, null]);
      });
    }

    const FAILURES: Readonly<Record<string, RegExp>> = {
      numpy_single: /^MODEL_FAILED: .*float32/,
      numpy_integer: /^MODEL_FAILED: .*int64/,
      numpy_in_json: /^MODEL_FAILED: .*int64 is not JSON serializable/,
      huge_integer: /^MODEL_FAILED: .*int too big/,
      broken_text_alone: /^MODEL_FAILED: .*surrogates not allowed/,
      frame: isReal
        ? /^UNDECODABLE: expected DOUBLE, INT, STRING or JSON, received a table \(PARQUET\)/
        : /^MODEL_FAILED: .*expected a number, a text, a dict or a list, received <class 'pandas/,
      a_tuple: /^MODEL_FAILED: .*tuple/,
      a_set: /^MODEL_FAILED: .*set is not JSON serializable/,
      raises: /^MODEL_FAILED: The model raised an exception: boom \ufffd \u00e9!{900}/,
    };
    for (const [method, expected] of Object.entries(FAILURES)) {
      it(`fail with a reason for ${method}`, async () => {
        const { status, error_code, message, detail } = await ask(method);
        assert.equal(status, 'FAILED');
        assert.match(`${error_code}: ${message ?? detail}`, expected);
        assert.ok((message ?? detail ?? '').length <= 1_000);
      });
    }

    it('continue after code that ends its thread, which the real one does not answer', async () => {
      const answer = await pool.call('1', encodeCall('exits', []), {
        deadlineMs: isReal ? 500 : PLENTY_MS,
        patient: false,
      });
      const expected = isReal ? ['TIMEOUT', 'DEADLINE_EXCEEDED'] : ['FAILED', 'MODEL_FAILED'];
      assert.deepEqual([answer.status, answer.error_code], expected);
      assert.equal((await ask('integer')).status, 'SUCCESS');
    });

    it('send answers up to the limit of a message, and are named when one is larger', async () => {
      const three = await ask('big', { type: 'INT', value: 3_000_000 });
      assert.equal((three.result as { value: string }).value.length, 3_000_000);
      const five = await ask('big', { type: 'INT', value: 5_000_000 });
      assert.match(`${five.status} ${five.error_code} ${five.detail}`, /^FAILED RESOURCE_EXHAUSTED .*larger than max/);
      assert.equal((await ask('integer')).status, 'SUCCESS', 'it goes on');
    });

    it('are late, then busy, then awaited by patient clients', async () => {
      const sleeps = encodeCall('sleeps', [{ type: 'DOUBLE', value: 1.5 }]);
      const late = await pool.call('1', sleeps, { deadlineMs: 200, patient: false });
      assert.deepEqual([late.status, late.error_code], ['TIMEOUT', 'DEADLINE_EXCEEDED']);
      const busy = await pool.call('1', encodeCall('integer', []), { deadlineMs: 5_000, patient: false });
      assert.deepEqual([busy.status, busy.error_code], ['TIMEOUT', 'RESOURCE_EXHAUSTED']);
      const patient = await pool.call('1', encodeCall('integer', []), { deadlineMs: 5_000, patient: true });
      assert.equal(patient.status, 'SUCCESS');
    });

    it('keep their state when the orchestrator and the coordinator start again', async () => {
      const at = Number(new URL(orchestrator.url).port);
      await orchestrator.stop();
      assert.equal((await ask('integer')).status, 'SUCCESS', 'models stay connected without an orchestrator');
      orchestrator = await startOrchestrator(at);
      await until('the orchestrator to be found again', () => orchestrator.connections === 1);
      await pool.close();
      pool = connect();
      pool.watch((change) => changes.push(change));
      await running();
      assert.equal(((await ask('last_seen')).result as { symbol: string }).symbol, 'BTC');
    });

    it('are set up again at their address after they were killed', async () => {
      await runner.kill('SIGKILL');
      const gone = await ask('integer');
      assert.deepEqual([gone.status, gone.error_code], ['FAILED', 'UNAVAILABLE']);
      await startRunner();
      const answer = await until('it to answer again', async () => {
        const again = await ask('predict', ...['BTC', 'a', 'b'].map((value) => ({ type: 'STRING', value }) as const));
        return again.status === 'SUCCESS' && again;
      });
      assert.deepEqual(answer.result, { value: 0.5, seen: 0, horizon: 300 });
    });

    it('leave while they recover, and join again', async () => {
      orchestrator.withdraw(deployment, 'RECOVERING');
      await until('it to leave', () => !pool.isRunning('1'));
      orchestrator.announce(deployment);
      await running();
      assert.equal((await ask('integer')).status, 'SUCCESS');
      assert.deepEqual(
        changes.slice(-2).map(({ kind }) => kind),
        ['stopped', 'running'],
      );
    });

    it('are reported and dropped when a method is missing', async () => {
      const answer = await ask('misspelt');
      assert.equal(answer.error_code, 'BAD_IMPLEMENTATION');
      await until('the report', () => orchestrator.reports.length === 1);
      assert.match(JSON.stringify(orchestrator.reports), /BAD_IMPLEMENTATION.*misspelt/);
      assert.ok(!pool.isRunning('1'));
    });
  });
