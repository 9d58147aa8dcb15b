/** One phase of the replay benchmark in a process of its own, so that its memory is its own. */
import { connectLog } from '@crunch-node/eventlog';
import { replay } from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import {
  type Event,
  FeedRecorded,
  feeds,
  instantOfMillis,
  ModelChanged,
  models,
  namespaceOf,
} from '@crunch-node/streams';
import { readRaw } from '../../packages/eventlog/src/testing/raw-read.ts';
import { dice } from './scored-rounds.ts';

export interface Phase {
  readonly what: 'publish' | 'raw' | 'replay';
  readonly projection: 'feeds' | 'models';
  readonly events: number;
  readonly natsUrl: string;
  readonly databaseUrl: string;
}

const START = Date.UTC(2024, 0, 1);
const MODELS = 1_000;
const SUBJECTS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
const AHEAD = 4_000;

function eventAt(projection: Phase['projection'], n: number, roll: () => number): Event {
  if (projection === 'models') {
    const model_id = String(n % MODELS);
    return ModelChanged.at(instantOfMillis(START + n), {
      partition: n % 8,
      model_id,
      revision: Math.floor(n / MODELS),
      deployment_id: `deployment-${n}`,
      model_name: `model-${model_id}`,
      cruncher_id: `cruncher-${model_id}`,
      cruncher_name: `participant ${model_id}`,
    });
  }
  const subject = SUBJECTS[n % SUBJECTS.length]!;
  const ts_event = START + Math.floor(n / SUBJECTS.length) * 1_000;
  const values = { price: Math.round(roll() * 1e7) / 100, size: Math.round(roll() * 1e4) / 1e3 };
  return FeedRecorded.at(instantOfMillis(ts_event), {
    source: 'bench',
    subject,
    kind: 'tick',
    granularity: '1s',
    ts_event,
    values,
  });
}

async function publish({ projection, events, natsUrl }: Phase): Promise<Record<string, number>> {
  const log = await connectLog({ url: natsUrl });
  const stream = projection === 'models' ? models : feeds;
  await log.ensureStreams([stream]);
  const publisher = log.publisher();
  const roll = dice(7);
  const startedAt = performance.now();
  const under: Promise<unknown>[] = [];
  for (let n = 0; n < events; n++) {
    const event = eventAt(projection, n, roll);
    const definition = projection === 'models' ? ModelChanged : FeedRecorded;
    under.push(publisher.append(stream, { event, natsSubject: definition.natsSubjectOf(event.data as never) }));
    if (under.length >= AHEAD) await Promise.all(under.splice(0));
  }
  await Promise.all(under);
  await publisher.close();
  await log.close();
  return { seconds: (performance.now() - startedAt) / 1000 };
}

async function rebuild({ projection, natsUrl, databaseUrl }: Phase): Promise<Record<string, number>> {
  const namespace = namespaceOf('');
  const log = await connectLog({ url: natsUrl });
  const startedAt = performance.now();
  const seconds: Record<string, number> = {};
  const result = await replay(
    {
      log,
      databaseUrl,
      namespace,
      logger: createLogger('warn'),
      onPoint: (point) => {
        seconds[point] ??= (performance.now() - startedAt) / 1000;
      },
    },
    { only: [projection], keepSeconds: 0 },
  );
  const total = (performance.now() - startedAt) / 1000;
  await log.close();
  if (result.switched.length !== 1) throw new Error(JSON.stringify(result));
  return { copied: seconds.copied ?? 0, built: seconds.indexed ?? 0, total };
}

process.once('message', async (phase: Phase) => {
  const work = {
    publish,
    replay: rebuild,
    raw: (p: Phase) => readRaw(p.natsUrl, p.projection.toUpperCase(), p.events),
  };
  const before = process.cpuUsage();
  const result = await work[phase.what](phase);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ ...result, cpu_s: (user + system) / 1e6, peak_rss_mb: process.resourceUsage().maxRSS / 1024 }, () =>
    process.disconnect(),
  );
});
