/** The real coordinator's client calls models in TypeScript that our host serves. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ModelBase } from '@crunch-node/challenge';
import { until } from '@crunch-node/embedded/testing';
import type { LocalModel } from '@crunch-node/models';
import { type Orchestrator, startOrchestrator } from '@crunch-node/orchestrator';
import { pythonPeer } from '../support/python-peers.ts';
import { type Coordinator, startCoordinator } from './coordinator.ts';

const peer = await pythonPeer('client');
const CRUNCH = 'hosted';

class Momentum extends ModelBase {
  readonly horizon: number;
  constructor(horizon = 60) {
    super();
    this.horizon = horizon;
  }
  predict(subject: string, resolveHorizonSeconds: number, stepSeconds: number) {
    const closes = this.closes(subject);
    const value = closes.length === 0 ? 0 : Math.sign(closes.at(-1)! - closes[0]!);
    return { value, arguments: [subject, resolveHorizonSeconds, stepSeconds, this.horizon] };
  }
  answer(kind: string): unknown {
    return { nan: Number.NaN, text: 'h\u00e9 \u{1f600}', whole: 7n, yes: true, list: [1, null, 'x'], none: undefined }[
      kind
    ];
  }
  raises(): never {
    throw new Error('boom');
  }
  big = (size: number) => ({ value: 'x'.repeat(size) });
  sleep = (seconds: number) => delay(seconds * 1_000, { value: seconds });
}

const model = (model_id: string): LocalModel => ({
  model_id,
  model_name: `momentum ${model_id}`,
  cruncher_id: `local-${model_id}`,
  cruncher_name: 'local-dev',
  create: ({ keywords }) => new Momentum(keywords.get('horizon') as number | undefined),
});

describe("the real coordinator's client", { skip: peer.missing ?? false }, () => {
  let orchestrator: Orchestrator;
  let coordinator: Coordinator;
  before(async () => {
    orchestrator = await startOrchestrator({ crunchId: CRUNCH, models: [model('1')] });
    coordinator = await startCoordinator('python' in peer ? peer.python : '', {
      crunch_id: CRUNCH,
      port: Number(new URL(orchestrator.url).port),
      instance: { horizon: ['INT', 300] },
    });
  });
  after(async () => {
    await coordinator.stop();
    await orchestrator.stop();
  });
  const first = async (...call: Parameters<Coordinator['call']>) => (await coordinator.call(...call))['1'];

  it('sends a model its input under either name, and calls it', async () => {
    const candles_1m = [1, 2].map((close) => ({
      ts: 60 * close,
      open: close,
      high: close,
      low: close,
      close,
      volume: 1,
    }));
    for (const call of ['feed_update', 'tick']) {
      const shown = await first({ call, args: [['JSON', { symbol: 'BTC', asof_ts: 120, candles_1m }]] });
      assert.deepEqual(shown, { status: 'SUCCESS', result: null, detail: null });
    }
    const args = [
      ['STRING', 'BTC'],
      ['INT', 3600],
      ['INT', 60],
    ] as const;
    const expected = { value: 1, arguments: ['BTC', 3600, 60, 300] };
    assert.deepEqual((await first({ call: 'predict', args }))?.result, expected);
  });

  it('passes arguments by keyword, in the spelling of either language', async () => {
    const kwargs = { step_seconds: ['INT', 15], resolveHorizonSeconds: ['DOUBLE', 0.5], other: ['INT', 1] } as const;
    const answer = await first({ call: 'predict', args: [['STRING', 'ETH']], kwargs });
    assert.deepEqual(answer?.result, { value: 0, arguments: ['ETH', 0.5, 15, 300] });
  });

  it('reads every kind of answer', async () => {
    const answers: Readonly<Record<string, unknown>> = {
      text: 'h\u00e9 \u{1f600}',
      whole: 7,
      yes: 1,
      list: [1, null, 'x'],
      none: null,
    };
    for (const [kind, expected] of Object.entries(answers)) {
      const answer = await first({ call: 'answer', args: [['STRING', kind]] });
      assert.deepEqual([answer?.status, answer?.result], ['SUCCESS', expected], kind);
    }
    const big = await first({ call: 'big', args: [['INT', 3_000_000]] });
    assert.equal((big?.result as { value: string } | undefined)?.value.length, 3_000_000);
  });

  it('sees failures as those of a Python runner', async () => {
    assert.deepEqual(await first({ call: 'raises' }), { status: 'FAILED', result: null, detail: 'FAILED' });
    assert.match(JSON.stringify(await first({ call: 'predict', args: [['STRING', 'BTC']] })), /FAILED/);
  });

  it('finds a late model busy and healthy, and continues with it', async () => {
    const late = await first({ call: 'sleep', args: [['DOUBLE', 1.5]], timeout: 0.2 });
    assert.deepEqual([late?.status, late?.result], ['TIMEOUT', null]);
    // the next call is skipped, and its health is checked while it works: it must stay connected
    const busy = await first({ call: 'answer', args: [['STRING', 'yes']], timeout: 0.2 });
    assert.match(busy?.detail ?? '', /^PREEMPTIVE_SKIP/);
    await until(
      'it to be free again',
      async () => (await first({ call: 'answer', args: [['STRING', 'yes']] }))?.status === 'SUCCESS',
      {
        everyMs: 500,
      },
    );
    assert.doesNotMatch(coordinator.log(), /reconnecting/);
    assert.equal((await coordinator.models())['1']?.timeouts, 0);
  });

  it('follows models that come, are replaced, recover and go', async () => {
    const deployments = async () =>
      Object.fromEntries(Object.entries(await coordinator.models()).map(([id, { deployment }]) => [id, deployment]));
    const become = (expected: object) =>
      until(
        `models ${JSON.stringify(expected)}`,
        async () => {
          const seen = await deployments();
          return JSON.stringify(seen) === JSON.stringify(expected);
        },
        { everyMs: 50 },
      );
    await orchestrator.add(model('2'));
    await become({ 1: '1_local', 2: '2_local' });
    await orchestrator.add(model('2'));
    await become({ 1: '1_local', 2: '2_local_2' });
    const [, second] = orchestrator.host.running();
    orchestrator.announcements.withdraw(second!, 'RECOVERING');
    await become({ 1: '1_local' });
    orchestrator.announcements.announce(second!);
    await become({ 1: '1_local', 2: '2_local_2' });
    orchestrator.remove('2');
    await become({ 1: '1_local' });
  });

  it('fails a model whose instance is lost until it is announced again', async () => {
    await orchestrator.host.restart('1');
    const call = () => first({ call: 'answer', args: [['STRING', 'yes']], timeout: 5 });
    const lost = await until('an answer', async () => {
      const answer = await call();
      return answer?.status === 'FAILED' && answer;
    });
    assert.match(lost.detail ?? '', /Setup/);
    const [running] = orchestrator.host.running();
    orchestrator.announcements.withdraw(running!, 'RECOVERING');
    orchestrator.announcements.announce(running!);
    await until('it to be set up again', async () => (await call())?.status === 'SUCCESS', { everyMs: 50 });
  });

  it('reports a model without the method, which is then stopped', async () => {
    await orchestrator.add(model('3'));
    await until('model 3', async () => '3' in (await coordinator.models()));
    assert.equal((await coordinator.call({ call: 'misspelt' }))['3']?.status, 'FAILED');
    await until('the reports', () => orchestrator.announcements.reports.length >= 2);
    assert.ok(orchestrator.announcements.reports.every(({ failure_code }) => failure_code === 'BAD_IMPLEMENTATION'));
    assert.deepEqual(orchestrator.host.running(), []);
  });
});
