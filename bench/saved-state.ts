/**
 * What saving and loading the largest states costs: what snapshot and rank remember of many models over their windows.
 *
 * `scripts/bench saved-state [models] [hours of the metrics' window] [hours of the longest window]`; the last line is JSON.
 */
import { snapshotReact, snapshotStart } from '@crunch-node/domain';
import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { namespaceOf } from '@crunch-node/streams';
import { decodeState, encodeState } from '../packages/stages/src/saved-state/codec.ts';
import { machine } from './support/machine.ts';
import { cycleAt, dice, roundsAt, rulesOf } from './support/scored-rounds.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const MODELS = Number(process.argv[2] ?? 500);
const METRIC_HOURS = Number(process.argv[3] ?? 24);
const RANK_HOURS = Number(process.argv[4] ?? 168);
const never = new AbortController().signal;

/** One-minute cycles of two scopes, as snapshot keeps them. */
function snapshotState(): unknown {
  // Metrics are computed once, in the first cycle: their samples are what is large.
  const react = snapshotReact(rulesOf(['ic'], 1_000_000));
  let state = snapshotStart;
  for (let c = 1; c <= METRIC_HOURS * 60; c++) {
    ({ state } = react(state, cycleAt(c), roundsAt(c, { models: MODELS, scopes: 2 })));
  }
  return { ...state, orders: [] };
}

/** A value a minute of every model over the longest window, as rank keeps them. */
function rankState(): unknown {
  const roll = dice(3);
  const hourOf = (hour: number) => ({
    hour: 473_352 + hour,
    entries: Array.from({ length: 60 }, (_, m) => ({ at: 1.7e15 + (hour * 60 + m) * 6e7, value: roll(), weight: 2 })),
    weighted: roll(),
    weight: 120,
  });
  const models = Array.from({ length: MODELS }, (_, m) => ({
    model_id: `model-${m}`,
    first_seen: '2024-01-01T00:00:00.000000Z',
    latest: { value: roll(), ic: roll(), hit_rate: roll() },
    values: Array.from({ length: RANK_HOURS }, (_, hour) => hourOf(hour)),
    last_period_end: '2024-01-08T00:00:00.000000Z',
    predictions: {},
  }));
  return { models, entries_hash: 'x', weights_hashes: {} };
}

const server = await privateNats();
const log = await connectLog({ url: server.url, namespace: namespaceOf() });
const store = await log.states();
const results = [];
for (const [title, make] of [
  [`snapshot, ${METRIC_HOURS} h`, snapshotState],
  [`rank, ${RANK_HOURS} h`, rankState],
] as const) {
  const state = make();
  let activeMs = 0;
  let longestMs = 0;
  let lastAt = performance.now();
  const ticking = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastAt);
    lastAt = performance.now();
  }, 1);
  const from = performance.now();
  const bytes = await store.save(
    title.split(',')[0]!,
    0,
    {},
    encodeState(state, (ms) => {
      activeMs += ms;
    }),
    never,
  );
  const savedMs = performance.now() - from;
  clearInterval(ticking);
  const begun = performance.now();
  const [head] = await store.heads(title.split(',')[0]!);
  decodeState((await store.load(title.split(',')[0]!, head!))!);
  results.push({
    title,
    megabytes: rounded(bytes / 1e6, 1),
    save_seconds: rounded(savedMs / 1000),
    active_seconds: rounded(activeMs / 1000),
    longest_pause_ms: Math.round(longestMs),
    load_seconds: rounded((performance.now() - begun) / 1000),
  });
}
await log.close();
await server.stop();

const shown = tableOf(['state', 'MB', 'saved in s', 'of it describing', 'longest pause ms', 'loaded in s']);
for (const one of results) shown.push(Object.values(one));
console.log(shown.toString());
console.log(JSON.stringify({ bench: 'saved-state', models: MODELS, results, ...machine() }));
