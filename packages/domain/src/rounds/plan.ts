import {
  addSeconds,
  type FeedEvent,
  type FeedKey,
  type FeedRecorded,
  feedKeyText,
  type Instant,
  isClosing,
  type JsonObject,
  microsOf,
  roundId,
} from '@crunch-node/streams';
import type { CrunchConfig, ScheduledPrediction } from '../crunch-config.ts';
import { inputId } from '../ids.ts';
import { isAbout, scopeOf } from './scope.ts';
import { insertRecord, type Window } from './window.ts';

export type PlanRules = Pick<CrunchConfig, 'scope' | 'feed_subject_mapping' | 'feed'> & {
  readonly partition: number;
  /** active and retired entries with their ids, in the order their rounds are planned */
  readonly schedules: readonly { readonly config_id: string; readonly entry: ScheduledPrediction }[];
};

/** A round that is due, without its predictions. */
export interface Round {
  readonly round_id: string;
  readonly partition: number;
  readonly config_id: string;
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly feed: FeedKey;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant;
  readonly input_id: string;
  readonly interval_seconds: number;
}

/** What a record causes: models receive the window, then are called for every round that is due. */
export interface RecordWork {
  readonly record: FeedRecorded;
  readonly window: Window;
  readonly rounds: readonly Round[];
}

export interface PlanState {
  /** by feed key */
  readonly windows: ReadonlyMap<string, Window>;
  /** by schedule and feed key: number of the interval of the last round */
  readonly slots: ReadonlyMap<string, number>;
  /** end of the last closed cycle */
  readonly closedEnd: Instant | null;
}

export const initialPlan: PlanState = { windows: new Map(), slots: new Map(), closedEnd: null };

/**
 * Which rounds a feed record triggers: for each schedule of its subject, when `floor(at / interval)` has grown since
 * the last round; the first record of a key always triggers. A late record is remembered but triggers nothing, since
 * its cycle is over.
 */
export function plan(
  state: PlanState,
  event: FeedEvent,
  rules: PlanRules,
): { readonly state: PlanState; readonly work: RecordWork | null } {
  if (isClosing(event)) return { state: { ...state, closedEnd: event.data.end }, work: null };
  const record = event as FeedRecorded;
  const key = feedKeyText(record.data);
  const window = insertRecord(state.windows.get(key) ?? [], record, rules.feed.window);
  const windows = new Map(state.windows).set(key, window);
  if (state.closedEnd !== null && record.at <= state.closedEnd) return { state: { ...state, windows }, work: null };

  const slots = new Map(state.slots);
  const rounds: Round[] = [];
  for (const { config_id, entry } of rules.schedules) {
    if (!entry.active || !isAbout(rules, entry, record.data.subject)) continue;
    const slot = Math.floor(microsOf(record.at) / (entry.prediction_interval_seconds * 1e6));
    const slotKey = `${config_id} ${key}`;
    if (slot <= (slots.get(slotKey) ?? Number.NEGATIVE_INFINITY)) continue;
    slots.set(slotKey, slot);
    rounds.push(roundOf(record, config_id, entry, rules));
  }
  return { state: { ...state, windows, slots }, work: { record, window, rounds } };
}

function roundOf(record: FeedRecorded, config_id: string, entry: ScheduledPrediction, rules: PlanRules): Round {
  const { source, subject, kind, granularity } = record.data;
  const feed = { source, subject, kind, granularity };
  return {
    round_id: roundId(rules.partition, entry.scope_key, record.at),
    partition: rules.partition,
    config_id,
    scope_key: entry.scope_key,
    scope: scopeOf(rules, entry, feed),
    feed,
    performed_at: record.at,
    resolvable_at: addSeconds(record.at, entry.resolve_horizon_seconds),
    input_id: inputId(feed, record.at),
    interval_seconds: entry.prediction_interval_seconds,
  };
}
