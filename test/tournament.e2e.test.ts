import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sampleHouses, tournamentExampleModels } from '@crunch-node/challenge';
import { checkpointStage } from '@crunch-node/checkpoint';
import { lookUntil } from '@crunch-node/embedded/testing';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import { predictions, type RoundPredicted, rounds } from '@crunch-node/streams';
import { eventsOf, freshNamespace } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';
import { type Answer, startTournament, type Tournament } from './support/tournament.ts';

const features = sampleHouses.map((house) => house.features);
const truths = sampleHouses.map(({ price }) => ({ price }));

const eventually = <T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> =>
  lookUntil(look, isSo, { deadlineMs: 120_000, everyMs: 25 });

describe('a tournament', { timeout: 1_200_000 }, () => {
  let servers: Servers;
  let tournament: Tournament;
  before(async () => {
    servers = await startServers();
    tournament = await startTournament({ ...where(), namespace: freshNamespace() });
    await ready(tournament);
  });
  after(async () => {
    await tournament?.stop();
    await servers?.stop();
  });
  const where = () => ({ natsUrl: servers.nats.url, databaseUrl: servers.postgres.url });
  const path = (round: string, what: string): string => `/tournament/rounds/${encodeURIComponent(round)}/${what}`;
  const infer = (round: string, body: unknown, on = tournament): Promise<Answer> =>
    on.ask('POST', path(round, 'inference'), body);
  const score = (round: string, ground_truth: unknown, on = tournament): Promise<Answer> =>
    on.ask('POST', path(round, 'score'), { ground_truth });
  const status = (round: string, on = tournament): Promise<Answer> => on.ask('GET', path(round, 'status'));

  /** Everything has started when a first round is answered by all models. */
  async function ready(on: Tournament): Promise<void> {
    await eventually(
      () => infer('first', { features: [{}] }, on),
      ({ status: code }) => code === 200 || code === 409,
    );
    await eventually(
      () => status('first', on),
      ({ status: code, body }) => code === 200 && body.status !== 'not_found',
    );
  }

  it('requests, scores and ranks rounds', async () => {
    const asked = await infer('houses', { features });
    assert.deepEqual(asked, {
      status: 200,
      body: { round_id: 'houses', model_count: 4, prediction_count: 40, status: 'inference_complete' },
    });
    assert.deepEqual((await status('houses')).body, {
      round_id: 'houses',
      status: 'inference_complete',
      total: 40,
      by_status: { PENDING: 38, FAILED: 2 },
    });
    const scored = await score('houses', truths);
    assert.equal(scored.status, 200);
    assert.equal(scored.body.scores_count, 38);
    assert.equal((await status('houses')).body.status, 'partial');

    // Every score is that of its own house, also behind those the model refused.
    for (const { create, model_id } of tournamentExampleModels) {
      const own = scored.body.results.filter((result: { model_id: string }) => result.model_id === model_id);
      for (const { feature_index, score: value, success, result } of own) {
        const house = sampleHouses[feature_index]!;
        const { prediction } = await create().predict(house.features);
        assert.equal(result.actual_price, house.price);
        assert.equal(value, Math.max(0, 1 - Math.abs(prediction - house.price) / house.price));
        assert.ok(success);
      }
    }
    const refused = tournamentExampleModels.find(({ model_name }) => model_name === 'location')!.model_id;
    const answered = scored.body.results.filter((result: { model_id: string }) => result.model_id === refused);
    assert.deepEqual(
      answered.map((result: { feature_index: number }) => result.feature_index),
      [0, 1, 2, 3, 4, 6, 8, 9],
    );

    const board = await eventually(
      async () => (await tournament.ask('GET', '/reports/leaderboard')).body,
      (rows) => rows.length === 4,
    );
    const mean = (model_id: string): number => {
      const own = scored.body.results.filter((result: { model_id: string }) => result.model_id === model_id);
      return own.reduce((sum: number, { score: value }: { score: number }) => sum + value, 0) / own.length;
    };
    for (const row of board) assert.ok(Math.abs(row.score_recent - mean(row.model_id)) < 1e-12, row.model_id);
    assert.deepEqual(
      board.map(({ rank }: { rank: number }) => rank),
      [1, 2, 3, 4],
    );
  });

  it('runs a round once, and takes its ground truth once', async () => {
    assert.equal((await infer('once', { features: features.slice(0, 2) })).status, 200);
    assert.equal((await infer('once', { features: features.slice(0, 2) })).status, 409);
    assert.equal((await score('never-asked', truths)).status, 404);
    assert.equal((await score('once', truths.slice(0, 3))).status, 422);
    const first = await score('once', truths.slice(0, 2));
    assert.equal(first.status, 200);
    assert.equal(first.body.scores_count, 8);
    assert.deepEqual(await score('once', truths.slice(0, 2)), first);
    assert.equal((await score('once', truths.slice(1, 3))).status, 409);
    assert.equal((await status('once')).body.status, 'scored');
  });

  it('refuses input of the wrong shape', async () => {
    const wrong: [unknown, number][] = [
      [{ features: [] }, 400],
      [{}, 422],
      [[], 422],
      [{ features: {} }, 422],
      [{ features: [1] }, 422],
      [{ features: [{ features: { a: 'many' } }] }, 422],
      [{ features: Array.from({ length: 1_001 }, () => ({})) }, 422],
    ];
    for (const [body, code] of wrong) {
      const answer = await infer('wrong', body);
      assert.equal(answer.status, code, `${JSON.stringify(body).slice(0, 60)} ${JSON.stringify(answer.body)}`);
      assert.equal(typeof answer.body.detail, 'string');
    }
    assert.equal((await infer('cycle', { features: [{}] })).status, 422);
    assert.equal((await infer('nul\u0000', { features: [{}] })).status, 422);
    assert.equal((await status('nul\u0000')).body.status, 'not_found');
    assert.equal((await status('wrong')).body.status, 'not_found');
    assert.equal((await infer('typed', { features: features.slice(0, 1) })).status, 200);
    assert.equal((await score('typed', [{ price: 'dear' }])).status, 422);
  });

  it('finishes samples without ground truth, with a reason', async () => {
    await infer('short', { features: features.slice(0, 3) });
    const scored = await score('short', truths[0]);
    assert.equal(scored.body.scores_count, 4);
    assert.deepEqual((await status('short')).body.by_status, { SCORED: 4, FAILED: 8 });
  });

  it('keeps rounds apart whose ids look alike', async () => {
    const ids = ['a.b', 'a b', 'a%b', 'a_b', 'axb', 'a/b', 'ä:1', 'ä:1:0', '*', '>', '100%'];
    for (const [i, id] of ids.entries()) {
      assert.equal((await infer(id, { features: features.slice(0, 1 + (i % 3)) })).status, 200, id);
    }
    assert.equal((await score('a_b', truths[0])).status, 200);
    for (const [i, id] of ids.entries()) {
      const { body } = await status(id);
      assert.equal(body.round_id, id);
      assert.equal(body.total, 4 * (1 + (i % 3)), id);
      assert.equal(body.by_status.SCORED ?? 0, id === 'a_b' ? 4 : 0, id);
    }
  });

  it('takes a checkpoint from step to step, and shows each', async () => {
    const [newest] = await eventually(
      async () => (await tournament.ask('GET', '/reports/checkpoints')).body,
      (rows) => rows.length > 0,
    );
    const of = (what: string): string => `/reports/checkpoints/${newest.id}/${what}`;
    assert.equal((await tournament.ask('POST', of('confirm'), {})).status, 422);
    const confirmed = await tournament.ask('POST', of('confirm'), { tx_hash: '0xabc' });
    assert.deepEqual([confirmed.status, confirmed.body.status, confirmed.body.tx_hash], [200, 'SUBMITTED', '0xabc']);
    assert.deepEqual(await tournament.ask('POST', of('confirm'), { tx_hash: '0xabc' }), confirmed);
    assert.equal((await tournament.ask('POST', of('confirm'), { tx_hash: '0xdef' })).status, 409);
    assert.equal((await tournament.ask('PATCH', of('status'), { status: 'PAID' })).status, 409);
    for (const step of ['CLAIMABLE', 'PAID']) {
      const { body } = await tournament.ask('PATCH', of('status'), { status: step });
      assert.deepEqual([body.status, body.tx_hash], [step, '0xabc']);
    }
    assert.equal((await tournament.ask('POST', '/reports/checkpoints/none/confirm', { tx_hash: 'x' })).status, 404);
  });

  it('responds 503 while no process can carry out a command', async () => {
    const lonely = await startTournament({ ...where(), namespace: freshNamespace(), models: [] });
    const answer = await infer('nobody', { features: [{}] }, lonely);
    assert.equal(answer.status, 503);
    await lonely.ingest.stop();
    assert.equal((await score('nobody', truths[0], lonely)).status, 503);
    await lonely.stop();
  });

  it('loses nothing when it is stopped in the middle of a round, or nats-server dies', async () => {
    const namespace = freshNamespace();
    const slow = tournamentExampleModels.map((model) => ({
      ...model,
      create: () => {
        const inner = model.create();
        return {
          async predict(asked: never) {
            await delay(60);
            return inner.predict(asked);
          },
        };
      },
    }));
    const first = await startTournament({ ...where(), namespace, models: slow });
    await ready(first);
    const interrupted = infer('long', { features: [...features, ...features] }, first).catch(() => null);
    await eventually(
      async () => (await first.log.last(predictions, 'predictions.0.first')) !== null,
      (known) => known,
    );
    // The request is in the log, and models are being called: a stop in the middle must lose nothing.
    await eventually(
      async () => (await first.log.last(rounds, 'rounds.long')) !== null,
      (taken) => taken,
    );
    await first.stop();
    await interrupted;

    const second = await startTournament({ ...where(), namespace, models: slow });
    try {
      await ready(second);
      const asked = await infer('long', { features }, second);
      // Stopped before the request was taken, it is sent now; otherwise it has been carried out.
      assert.ok([200, 409].includes(asked.status), String(asked.status));
      await eventually(
        () => status('long', second),
        ({ body }) => body.total > 0 && body.total % 40 === 0,
      );
      const samples = (await status('long', second)).body.total / 4;
      const killed = infer('killed', { features }, second);
      await servers.nats.kill('SIGKILL');
      await servers.nats.restart();
      assert.ok([200, 503].includes((await killed).status));
      if ((await killed).status === 503) {
        await eventually(
          () => infer('killed', { features }, second),
          ({ status: code }) => code === 200 || code === 409,
        );
      }
      await eventually(
        () => status('killed', second),
        ({ body }) => body.total === 40,
      );
      const scored = await eventually(
        () => score('long', [...truths, ...truths].slice(0, samples), second),
        ({ status: code }) => code === 200,
      );
      assert.equal(scored.body.scores_count, (samples / 10) * 38);
      const published = (await eventsOf(second.log, predictions)) as RoundPredicted[];
      const rounds = published.filter(({ type, data }) => type === 'RoundPredicted' && data.tournament === 'long');
      assert.equal(rounds.length, samples * 3);
      assert.equal(new Set(rounds.map(({ id }) => id)).size, rounds.length);
    } finally {
      await second.stop();
    }
  });

  it('is recomputed from ROUNDS and PREDICTIONS, whatever the operator has done meanwhile', async () => {
    const { config, log } = tournament;
    const stages: CyclicStage[][] = [
      Array.from({ length: config.partitions }, (_, p) => scoreStage(config, p)),
      [snapshotStage(config)],
      [rankStage(config)],
      [checkpointStage(config)],
    ];
    for (const stage of stages) {
      const verdict = await verifyCyclic(stage, log, AbortSignal.timeout(60_000));
      assert.ok(verdict.cycles > 0, verdict.stream);
      assert.deepEqual(verdict.first, [], verdict.stream);
    }
  });
});
