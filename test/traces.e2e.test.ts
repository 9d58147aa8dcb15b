import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EventLog } from '@crunch-node/eventlog';
import { readToEnd, traceIdOf } from '@crunch-node/service';
import {
  feeds,
  predictions,
  type RoundPredicted,
  type RoundScored,
  type StreamDefinition,
  scores,
} from '@crunch-node/streams';
import { freshNamespace, type Pipeline, startPipeline, syntheticFeed } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

describe('a trace', () => {
  let servers: Servers;
  let pipeline: Pipeline;
  before(async () => {
    servers = await startServers();
    const namespace = freshNamespace();
    const options = { natsUrl: servers.nats.url, namespace, feed: syntheticFeed(20) };
    // Stopped in between: a new owner publishes in the same traces.
    const first = await startPipeline(options);
    await first.cycles(6);
    await first.stop();
    pipeline = await startPipeline(options);
    await pipeline.finished();
  });
  after(async () => {
    await pipeline?.stop();
    await servers?.stop();
  });

  it('leads from a feed record through its rounds to their scores, each in a span of its own', async () => {
    const contexts = new Map<string, string | undefined>();
    const records = await withContexts(pipeline.log, feeds, contexts);
    const rounds = await withContexts(pipeline.log, predictions, contexts);
    const scored = await withContexts(pipeline.log, scores, contexts);
    const byTrace = new Map(records.flatMap(({ id }) => (contexts.get(id) ? [[traceIdOf(contexts.get(id)), id]] : [])));
    const published = rounds.filter(({ type }) => type === 'RoundPredicted') as RoundPredicted[];
    assert.ok(published.length > 50, `${published.length} rounds`);
    for (const round of published) {
      const record = byTrace.get(traceIdOf(contexts.get(round.id)));
      assert.ok(record, `${round.id} is in the trace of a record`);
      assert.equal(records.find(({ id }) => id === record)?.at, round.data.performed_at);
    }
    const finished = scored.filter(({ type }) => type === 'RoundScored') as RoundScored[];
    assert.ok(finished.length > 50, `${finished.length} scores`);
    for (const score of finished) {
      if (score.data.partition === 'ensemble') continue;
      assert.equal(traceIdOf(contexts.get(score.id)), traceIdOf(contexts.get(score.data.round_id)), score.id);
    }
    const spans = [...contexts.values()].flatMap((context) => (context === undefined ? [] : [context.split('-')[2]]));
    assert.equal(new Set(spans).size, spans.length);
  });
});

async function withContexts(log: EventLog, stream: StreamDefinition, contexts: Map<string, string | undefined>) {
  const events = [];
  for await (const batch of readToEnd(log, stream, { traces: true })) {
    for (const { event, traceparent } of batch.events) {
      contexts.set(event.id, traceparent);
      events.push(event);
    }
  }
  return events;
}
