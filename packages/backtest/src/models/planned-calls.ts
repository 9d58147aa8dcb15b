import { scheduledConfigs } from '@crunch-node/config';
import {
  argumentsOf,
  type CrunchConfig,
  initialPlan,
  modelFacingSubject,
  plan,
  type RecordWork,
} from '@crunch-node/domain';
import { normaliserFor } from '@crunch-node/feeds/normalisers';
import { feedKeyText, type Json, type JsonObject } from '@crunch-node/streams';
import type { HistoryStep } from '../engine/history.ts';

/**
 * A call as a model's process reads it: a method with its arguments, or an update whose list is a stretch of the items
 * it was given of a feed.
 */
export type PlannedCall =
  | readonly ['call', method: string, args: readonly Json[], keywords?: JsonObject]
  | readonly [
      'update',
      method: string,
      feed: string,
      from: number,
      to: number,
      symbol: string,
      list: string,
      asof: Json,
    ];

export const plannedCall = (method: string, args: readonly Json[], keywords: ReadonlyMap<string, Json>): PlannedCall =>
  keywords.size === 0 ? ['call', method, args] : ['call', method, args, Object.fromEntries(keywords)];

/** Calls of one record: the update, then a prediction for each round that is due. */
export interface PlannedRecord {
  readonly update: PlannedCall;
  readonly predictions: readonly PlannedCall[];
}

export interface PlannedChunk {
  /** feed → items that are new */
  readonly items: Readonly<Record<string, readonly Json[]>>;
  /** feed → number of its first item that is still needed */
  readonly keepFrom: Readonly<Record<string, number>>;
  readonly records: readonly PlannedRecord[];
}

/** Items of one feed: each record has at most one, and a window is a stretch of them. */
interface FeedItems {
  readonly places: Map<string, number>;
  count: number;
}

/** The list of a model's input, by normaliser; others have inputs that are no stretch of items. */
const LISTS: Readonly<Record<string, string>> = { candle: 'candles_1m', tick: 'ticks' };

/** Plans the calls of models from records alone: the same rounds and inputs as the stage plans. */
export function planner(config: CrunchConfig): (steps: readonly HistoryStep[]) => PlannedChunk {
  const rules = { ...config, partition: 0, schedules: scheduledConfigs(config) };
  const normalise = normaliserFor(config.feed_normalizer, config.feed.kind);
  const list = LISTS[config.feed_normalizer];
  const feeds = new Map<string, FeedItems>();
  const further = config.feed_update_args ?? [];
  let state = initialPlan;

  function updateOf({ record, window }: RecordWork, added: Record<string, Json[]>, keepFrom: Record<string, number>) {
    const symbol = modelFacingSubject(config, record.data.subject);
    const key = feedKeyText(record.data);
    const inputOf = (records: typeof window): JsonObject =>
      normalise(
        symbol,
        records.map(({ at, data }) => ({ ...data, at })),
      );
    const whole = (): PlannedCall => ['call', config.feed_update_method, [inputOf(window), ...further]];
    if (list === undefined || further.length > 0) return whole();
    const feed = feeds.get(key) ?? { places: new Map<string, number>(), count: 0 };
    feeds.set(key, feed);
    let asof: Json = 0;
    for (const one of window) {
      if (feed.places.has(one.id)) continue;
      const items = inputOf([one])[list] as Json[];
      // A record that is no item, or comes in between: the window is no stretch of items.
      if (items.length !== 1 || one !== window.at(-1)) return whole();
      feed.places.set(one.id, feed.count++);
      added[key] ??= [];
      added[key].push(items[0]!);
      asof = (items[0] as JsonObject).ts ?? 0;
    }
    const from = feed.places.get(window[0]!.id)!;
    const to = feed.places.get(window.at(-1)!.id)! + 1;
    if (to - from !== window.length || record !== window.at(-1)) return whole();
    keepFrom[key] = from;
    if (feed.places.size > 4 * window.length + 1_000) {
      for (const [id, place] of feed.places) if (place < from) feed.places.delete(id);
    }
    return ['update', config.feed_update_method, key, from, to, symbol, list, asof] as const;
  }

  return (steps) => {
    const items: Record<string, Json[]> = {};
    const keepFrom: Record<string, number> = {};
    const records: PlannedRecord[] = [];
    for (const { event } of steps) {
      const planned = plan(state, event, rules);
      state = planned.state;
      if (planned.work === null) continue;
      const update = updateOf(planned.work, items, keepFrom);
      const predictions = planned.work.rounds.map(({ scope }): PlannedCall => {
        const args = argumentsOf(config.call_method, scope);
        const positional = args.filter(({ keyword }) => keyword === undefined).map(({ value }) => value);
        const keywords = args.flatMap(({ keyword, value }) =>
          keyword === undefined ? [] : [[keyword, value] as const],
        );
        return plannedCall(config.call_method.method, positional, new Map(keywords));
      });
      records.push({ update, predictions });
    }
    return { items, keepFrom, records };
  };
}
