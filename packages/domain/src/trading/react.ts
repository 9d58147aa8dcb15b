/**
 * The score stage of a trading competition: orders are filled at the price known when they were given, and every
 * portfolio is marked at the end of the cycle. All its state can be recomputed from the log.
 */
import {
  byCodePoint,
  type EnsembleSignalled,
  type FeedRecorded,
  type RoundPredicted,
  type RoundSkipped,
  type ScoreEvent,
  ScoresCycleClosed,
} from '@crunch-node/streams';
import type { React } from '../cyclic.ts';
import { sha256Hex } from '../merkle/hash.ts';
import type { Account } from './account.ts';
import type { TradingConfig } from './config.ts';
import { TradingFloor } from './floor.ts';
import { forgetPrices, learnPrices, type PriceBook } from './prices.ts';

export type TradingInput = FeedRecorded | RoundPredicted | RoundSkipped | EnsembleSignalled;

export interface TradingState {
  readonly prices: PriceBook;
  /** in order of model id */
  readonly accounts: readonly Account[];
  /** rounds published ahead of their cycle */
  readonly ahead: readonly RoundPredicted[];
}

export const tradingStart: TradingState = { prices: {}, accounts: [], ahead: [] };

export const tradingReact =
  (config: TradingConfig, partition: number): React<TradingState, TradingInput, ScoreEvent> =>
  (state, cycle, events) => {
    const records = events.filter((event): event is FeedRecorded => event.type === 'FeedRecorded');
    const rounds = events.filter((event): event is RoundPredicted => event.type === 'RoundPredicted');
    const prices = learnPrices(state.prices, records, cycle.start);
    const known = [...state.ahead, ...rounds].sort(canonically);
    const due = known.filter(({ data }) => data.performed_at <= cycle.end);
    const floor = new TradingFloor(config, prices, state.accounts);
    const filled = due.map((round) => floor.fill(round, cycle));
    const marked = floor.mark(partition, cycle);
    const closing = ScoresCycleClosed.at(cycle.end, {
      start: cycle.start,
      end: cycle.end,
      config_hash: cycle.config_hash,
      partition,
      rounds: filled.length,
      rounds_hash: sha256Hex(filled.map(({ data }) => data.round_id).join('\n')),
    });
    return {
      state: {
        prices: forgetPrices(prices, cycle.end),
        accounts: floor.accounts(),
        ahead: known.filter(({ data }) => data.performed_at > cycle.end),
      },
      events: [...filled, ...marked, closing],
    };
  };

const canonically = (a: RoundPredicted, b: RoundPredicted): number =>
  byCodePoint(a.data.performed_at, b.data.performed_at) ||
  byCodePoint(a.data.scope_key, b.data.scope_key) ||
  byCodePoint(a.id, b.id);
