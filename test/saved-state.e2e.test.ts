import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { tradingExampleModels } from '@crunch-node/challenge';
import { tradingDemoPack } from '@crunch-node/config';
import { until } from '@crunch-node/embedded/testing';
import type { EventLog, StateStore } from '@crunch-node/eventlog';
import type { JsonObject, Namespace } from '@crunch-node/streams';
import { dice } from '../bench/support/scored-rounds.ts';
import {
  digestsOf,
  freshNamespace,
  type Pipeline,
  type PipelineOptions,
  startPipeline,
  syntheticFeed,
} from './support/pipeline.ts';
import { askServer } from './support/server-api.ts';
import { type Servers, startServers } from './support/servers.ts';

type Options = Omit<PipelineOptions, 'namespace' | 'natsUrl'>;

const CYCLES = 36;
const seed = Number(process.env.CRUNCH_SEED ?? Date.now() % 1e9);

const realtime: Options = {
  config: {
    ensembles: [{ name: 'main' }, { name: 'top3', strategy: 'equal_weight', filter: { top_n: 3 } }],
    metrics: ['ic', 'hit_rate', 'max_drawdown', 'contribution', 'ensemble_correlation'],
  },
  feed: syntheticFeed(CYCLES),
};
const trading: Options = {
  config: { ...tradingDemoPack, feed: { ...tradingDemoPack.feed, provider: 'synthetic' } },
  models: tradingExampleModels,
  feed: { count: String(CYCLES), seed: 'trade' },
};

/** What happens to saved states while no process runs. */
type Mishap = (run: { log: EventLog; url: string; namespace: Namespace; roll: () => number }) => Promise<void>;

/** Every saved state of a run, written again with a change. */
async function eachState(
  { log, roll }: Parameters<Mishap>[0],
  change: (about: JsonObject) => JsonObject,
): Promise<void> {
  const states = await log.states();
  for (const [name, head] of await savedStates(states)) {
    if (roll() < 0.3) continue;
    const bytes = await states.load(name, head);
    if (bytes === null) continue;
    await states.save(name, head.slot, change(head.about), inOnePart(bytes), new AbortController().signal);
  }
}

async function savedStates(states: StateStore) {
  const stages = ['score', 'predict'].flatMap((stage) => [0, 1, 2, 3, 'ensemble'].map((p) => `${stage}.${p}`));
  const names = [...stages, 'snapshot', 'rank', 'checkpoint', 'ensemble'];
  const found = await Promise.all(names.map(async (name) => (await states.heads(name)).map((h) => [name, h] as const)));
  return found.flat();
}

async function* inOnePart(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const streamOf = (namespace: Namespace): string => `OBJ_${namespace.streamName('states')}`;

/** Removes messages from the store, each with this chance: parts of states, and their heads. */
async function lose({ url, namespace, roll }: Parameters<Mishap>[0], chance: number): Promise<void> {
  const stream = streamOf(namespace);
  const { state } = await askServer<{ state: { first_seq: number; last_seq: number } }>(
    url,
    `$JS.API.STREAM.INFO.${stream}`,
  );
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    if (roll() < chance) await askServer(url, `$JS.API.STREAM.MSG.DELETE.${stream}`, { seq });
  }
}

const mishaps: Readonly<Record<string, Mishap>> = {
  'left as they are': async () => undefined,
  'deleted at random': (run) => lose(run, 0.3),
  'deleted altogether': async ({ url, namespace }) => {
    await askServer(url, `$JS.API.STREAM.DELETE.${streamOf(namespace)}`);
  },
  'of other code': (run) => eachState(run, (about) => ({ ...about, fingerprint: 'other' })),
  'of another configuration': (run) => eachState(run, (about) => ({ ...about, config_hash: 'other' })),
  'of a log whose past was another': (run) =>
    eachState(run, (about) => {
      const places = Object.entries(about.places as JsonObject).map(([address, place]) => [
        address,
        { ...(place as JsonObject), stored_us: 1 },
      ]);
      return { ...about, places: Object.fromEntries(places) };
    }),
  'cut off': async (run) => {
    const states = await run.log.states();
    for (const [name, head] of await savedStates(states)) {
      const bytes = await states.load(name, head);
      const half = bytes?.subarray(0, Math.floor(bytes.length * run.roll())) ?? new Uint8Array();
      await states.save(name, head.slot, head.about, inOnePart(half), new AbortController().signal);
    }
  },
};

async function loads(pipeline: Pipeline, outcome: string): Promise<number> {
  const metrics = await pipeline.metrics.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => name.endsWith('states_loaded_total'))
    .flatMap(({ values }) => values as { value: number; labels: { outcome?: string } }[])
    .reduce((sum, { value, labels }) => sum + (labels.outcome === outcome ? value : 0), 0);
}

const savesOf = async (pipeline: Pipeline): Promise<number> =>
  (await pipeline.metrics.getMetricsAsJSON())
    .filter(({ name }) => name.endsWith('_states_saved_total'))
    .flatMap(({ values }) => values as { value: number }[])
    .reduce((sum, { value }) => sum + value, 0);

describe(`stages that resume from saved states (CRUNCH_SEED=${seed})`, { timeout: 1_800_000 }, () => {
  const roll = dice(seed);
  let servers: Servers;
  before(async () => {
    servers = await startServers();
  });
  after(() => servers.stop());

  async function undisturbed(options: Options): Promise<Readonly<Record<string, string>>> {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({ ...options, natsUrl: servers.nats.url, namespace, stateSeconds: 0 });
    try {
      await pipeline.finished();
    } finally {
      await pipeline.stop();
    }
    return (await digestsOf(servers.nats.url, undefined, namespace)).streams;
  }

  /** Stopped twice at random cycles; what was saved meets with a mishap each time. */
  async function stopped(options: Options, mishap: Mishap): Promise<{ used: number; streams: unknown }> {
    const namespace = freshNamespace();
    const url = servers.nats.url;
    let used = 0;
    for (const stops of [true, true, false]) {
      const pipeline = await startPipeline({ ...options, natsUrl: url, namespace, stateSeconds: 0.01 });
      try {
        if (stops) {
          await pipeline.cycles(5 + Math.floor(roll() * (CYCLES / 3)));
          const saved = until('something is saved', async () => (await savesOf(pipeline)) > 10, { deadlineMs: 60_000 });
          await Promise.race([saved, pipeline.finished()]);
        } else await pipeline.finished();
        used += await loads(pipeline, 'used');
        if (stops) {
          for (const service of [...pipeline.services].reverse()) await service.stop();
          await mishap({ log: pipeline.log, url, namespace, roll });
        }
      } finally {
        await pipeline.stop();
      }
    }
    return { used, streams: (await digestsOf(url, undefined, namespace)).streams };
  }

  for (const [title, options] of Object.entries({ realtime, trading })) {
    describe(title, () => {
      let expected: Readonly<Record<string, string>>;
      before(async () => {
        expected = await undisturbed(options);
      });
      for (const [what, mishap] of Object.entries(mishaps)) {
        if (title === 'trading' && !['left as they are', 'deleted at random', 'cut off'].includes(what)) continue;
        it(`publish the same with saved states ${what}`, async () => {
          const { used, streams } = await stopped(options, mishap);
          assert.deepEqual(streams, expected);
          if (what === 'left as they are') assert.ok(used >= 5, `${used} partitions went on from a saved state`);
        });
      }
    });
  }
});
