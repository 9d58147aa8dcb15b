import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { exampleModels, ModelBase, type ModelOutput } from '@crunch-node/challenge';
import { tempDir } from '@crunch-node/embedded';
import { connectLog, type EventLog, type StoredMessage } from '@crunch-node/eventlog';
import type { LocalModel } from '@crunch-node/models';
import {
  byCodePoint,
  control,
  feeds,
  instantOfMillis,
  type LeaderboardRanked,
  leaderboards,
  models as modelEvents,
  predictions,
  type RoundPredicted,
  type RoundScored,
  rounds,
  type StreamDefinition,
  scores,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { eventsOf, freshNamespace, type PipelineOptions, startPipeline } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

const answering = (model_id: string, answer: () => ModelOutput): LocalModel => ({
  model_id,
  model_name: model_id,
  cruncher_id: model_id,
  cruncher_name: model_id,
  create: () =>
    new (class extends ModelBase {
      override predict(): ModelOutput {
        return answer();
      }
    })(),
});

async function storedIn(log: EventLog, stream: StreamDefinition): Promise<StoredMessage[]> {
  const { lastSequence } = await log.info(stream);
  const stored: StoredMessage[] = [];
  if (lastSequence === 0) return stored;
  for await (const batch of log.messages(stream, { after: 0, signal: AbortSignal.timeout(60_000) })) {
    stored.push(...batch);
    if ((stored.at(-1)?.sequence ?? 0) >= lastSequence) break;
  }
  return stored;
}

describe('odd competitions run to their end', () => {
  let servers: Servers;
  before(async () => {
    servers = await startServers();
  });
  after(() => servers.stop());

  async function run(options: Partial<PipelineOptions>) {
    const pipeline = await startPipeline({ natsUrl: servers.nats.url, namespace: freshNamespace(), ...options });
    try {
      await pipeline.finished();
      const read = async <E>(stream: Parameters<typeof eventsOf>[1], type: string): Promise<E[]> =>
        (await eventsOf(pipeline.log, stream)).filter((event) => event.type === type) as E[];
      return {
        rounds: await read<RoundPredicted>(predictions, 'RoundPredicted'),
        scored: await read<RoundScored>(scores, 'RoundScored'),
        ranked: await read<LeaderboardRanked>(leaderboards, 'LeaderboardRanked'),
        closings: (await eventsOf(pipeline.log, leaderboards)).filter(({ type }) => type === 'CycleClosed'),
      };
    } finally {
      await pipeline.stop();
    }
  }
  const feed = { count: '30', seed: 'odd' };

  it('with one model in eight partitions', async () => {
    const { rounds, ranked } = await run({ feed, config: { partitions: 8 }, models: exampleModels.slice(0, 1) });
    assert.equal(rounds.length, 30 * 2 * 8);
    assert.deepEqual(
      ranked.at(-1)?.data.entries.map(({ model_id }) => model_id),
      ['1'],
    );
  });

  it('with no models', async () => {
    const { rounds, ranked, closings } = await run({ feed, models: [] });
    assert.equal(rounds.flatMap(({ data }) => data.predictions).length, 0);
    assert.deepEqual(ranked, []);
    assert.equal(closings.length, 30);
  });

  it('with a model that answers the largest number, without bounds: it comes last, no other model moves', async () => {
    const config = { output_type: Type.Object({ value: Type.Number() }) };
    const others = exampleModels.slice(0, 2);
    const huge = answering('huge', () => ({ value: 1.5e307 }));
    const [without, withHuge] = [
      await run({ feed, config, models: others }),
      await run({ feed, config, models: [...others, huge] }),
    ];
    const entries = withHuge.ranked.at(-1)?.data.entries ?? [];
    assert.deepEqual(entries.slice(0, 2), without.ranked.at(-1)?.data.entries);
    assert.deepEqual([entries[2]?.model_id, entries[2]?.score.ranking.value], ['huge', null]);
    assert.match(entries[2]?.score.unavailable?.score_recent ?? '', /beyond the range of numbers/);
    const of = (scored: readonly RoundScored[]) =>
      scored
        .flatMap(({ data }) => data.outcomes.filter(({ model_id }) => model_id !== 'huge'))
        // Partitions come in any order.
        .sort((a, b) => byCodePoint(a.score_id, b.score_id));
    assert.deepEqual(of(withHuge.scored), of(without.scored));
  });

  it('with scores in the log that an earlier version could not rank: the log continues, that model comes last', async () => {
    const models = exampleModels.slice(0, 3);
    const [healthy, poisoned] = [freshNamespace(), freshNamespace()];
    const { ranked: expected, closings } = await run({ feed, models, namespace: healthy });
    const [from, to] = await Promise.all(
      [healthy, poisoned].map((namespace) => connectLog({ url: servers.nats.url, namespace })),
    );
    let huge = 0;
    for (const stream of [control, feeds, rounds, modelEvents, predictions, scores]) {
      const messages = (await storedIn(from!, stream)).map((message) => {
        if (stream !== scores) return message;
        const event = JSON.parse(Buffer.from(message.payload).toString());
        if (event.type !== 'RoundScored') return message;
        for (const outcome of event.data.outcomes) {
          if (outcome.model_id !== '1' || outcome.outcome !== 'scored') continue;
          outcome.result = { ...outcome.result, value: 1.5e308 };
          huge++;
        }
        return { ...message, payload: Buffer.from(JSON.stringify(event)) };
      });
      const copy = await to!.copyInto(stream, { mark: 'scores of an earlier version', firstSequence: 1 });
      await copy.begin();
      await copy.write(messages, new Set());
      await copy.finish();
    }
    assert.ok(huge > 30);
    await Promise.all([from!.close(), to!.close()]);
    const healed = await run({ feed, models, namespace: poisoned });
    assert.equal(healed.closings.length, closings.length);
    const entries = healed.ranked.at(-1)?.data.entries ?? [];
    const others = (board: LeaderboardRanked | undefined) =>
      board?.data.entries
        .filter(({ model_id }) => model_id !== '1')
        .map(({ model_id, score }) => ({ model_id, score }));
    assert.deepEqual(others(healed.ranked.at(-1)), others(expected.at(-1)));
    assert.deepEqual([entries.at(-1)?.model_id, entries.at(-1)?.score.ranking.value], ['1', null]);
  });

  it('with many large answers in one partition: those beyond their share fail, and no event is too large', async () => {
    const note = 'x'.repeat(60_000);
    const large = Array.from({ length: 20 }, (_, i) => answering(`large-${i}`, () => ({ value: 0.1, note })));
    const { rounds, scored, closings } = await run({
      feed: { count: '6', seed: 'odd' },
      config: { partitions: 1, max_event_bytes: 1_048_576 },
      models: [exampleModels[0]!, ...large],
    });
    assert.equal(closings.length, 6);
    for (const event of [...rounds, ...scored]) assert.ok(JSON.stringify(event).length < 1_000_000);
    for (const { data } of rounds) {
      const failed = data.predictions.filter(({ status }) => status === 'FAILED');
      assert.equal(failed.length, large.length);
      for (const { reason } of failed)
        assert.match(reason ?? '', /^the answer has 60\d+ bytes, its share of the \d+ bytes/);
    }
    assert.ok(scored.some(({ data }) => data.outcomes.some(({ outcome }) => outcome === 'scored')));
  });

  it('with one of two feeds silent for an hour: the other is scored and ranked on', async () => {
    const folder = await tempDir('crunch-gap-');
    const start = Date.UTC(2024, 0, 1);
    const rows = (skip: (minute: number) => boolean): string =>
      ['ts_event_ms,open,high,low,close,volume']
        .concat(
          Array.from({ length: 120 }, (_, minute) => minute)
            .filter((minute) => !skip(minute))
            .map((minute) => {
              const price = 100 + Math.sin(minute / 5) * 3;
              return `${start + minute * 60_000},${price},${price + 1},${price - 1},${price + 0.5},1`;
            }),
        )
        .join('\n');
    await writeFile(
      `${folder.path}/binance_spot_btcusdt_1m_gap.csv`,
      rows(() => false),
    );
    await writeFile(
      `${folder.path}/binance_spot_ethusdt_1m_gap.csv`,
      rows((minute) => minute >= 30 && minute < 90),
    );
    const { scored, ranked, closings } = await run({
      models: exampleModels.slice(0, 3),
      config: { feed: { provider: 'replay', subjects: ['BTCUSDT', 'ETHUSDT'], kind: 'candle', granularity: '1m' } },
      feed: { data: folder.path },
    });
    await folder.remove();
    const at = (minute: number): string => instantOfMillis(start + minute * 60_000);
    const inGap = (time: string): boolean => time > at(35) && time <= at(90);
    const outcomes = scored.filter(({ data }) => inGap(data.performed_at)).flatMap(({ data }) => data.outcomes);
    assert.ok(outcomes.length >= 50 * 3);
    assert.ok(
      outcomes.every(({ outcome, prediction_id }) => outcome === 'scored' && prediction_id.includes('btcusdt')),
    );
    assert.ok(ranked.filter(({ at: time }) => inGap(time)).length > 50);
    assert.equal(closings.length, 120);
    // Predictions from just before the silence cannot be resolved, and carry a reason.
    const expired = scored.flatMap(({ data }) => data.outcomes).filter(({ outcome }) => outcome === 'expired');
    assert.ok(expired.length > 0);
    for (const { prediction_id, failed_reason } of expired) {
      assert.match(prediction_id, /ethusdt/);
      assert.ok((failed_reason ?? '').length > 10);
    }
  });

  it('with a scope removed and another added at a restart: earlier rounds are still resolved', async () => {
    const namespace = freshNamespace();
    const entry = (scope_key: string, subject: string) => ({
      scope_key,
      scope: { subject },
      prediction_interval_seconds: 60,
      resolve_horizon_seconds: 300,
    });
    const before = { scheduled_predictions: [entry('old', 'BTCUSDT'), entry('kept', 'ETHUSDT')] };
    const later = { scheduled_predictions: [entry('kept', 'ETHUSDT'), entry('new', 'BTCUSDT')] };
    const first = await startPipeline({
      natsUrl: servers.nats.url,
      namespace,
      config: before,
      configHash: 'before',
      feed: { count: '60', seed: 'odd', speed: '600' },
    });
    await first.cycles(10);
    await first.stop();
    const { rounds, scored } = await run({
      namespace,
      config: later,
      configHash: 'later',
      feed: { count: '60', seed: 'odd' },
    });
    const asked = (key: string): RoundPredicted[] => rounds.filter(({ data }) => data.scope_key === key);
    assert.ok(asked('old').length > 0 && asked('new').length > 0);
    // Partitions reach the change each at its own position; in an open cycle what was published stays, and none goes
    // back.
    for (let partition = 0; partition < first.config.partitions; partition++) {
      const times = (key: string): string[] =>
        asked(key).flatMap(({ data }) => (data.partition === partition ? [data.performed_at] : []));
      assert.ok((times('old').at(-1) ?? '') <= (times('new')[0] ?? ''), `partition ${partition}`);
    }
    const resolved = new Set(scored.filter(({ data }) => data.ground_truth !== null).map(({ data }) => data.round_id));
    for (const { data } of asked('old')) {
      if (data.predictions.some(({ status }) => status === 'PENDING'))
        assert.ok(resolved.has(data.round_id), data.round_id);
    }
  });
});
