import { after, beforeEach } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import type { FeedRequest, LiveProvider } from '../provider.ts';
import { pythProvider } from '../providers/pyth/index.ts';
import { type FakeHermes, type HistoryBar, startFakeHermes } from './fake-hermes.ts';
import { type Hearing, hearing } from './hearing.ts';

export const NOON = Date.UTC(2024, 0, 1, 12);
/** Unix seconds, as Pyth counts */
export const NOON_SECONDS = NOON / 1000;

export const ticks: FeedRequest = { subjects: ['BTC'], kind: 'tick', granularity: '1s' };
export const minutes: FeedRequest = { subjects: ['BTC'], kind: 'candle', granularity: '1m' };

/** A candle of Benchmarks, flat. */
export const bar = (minute: number, at = 100): HistoryBar => [NOON_SECONDS + minute * 60, at, at, at, at];

/** Hermes and a provider connected to it, for one file; both are reset before each test, to noon. */
export interface PythScene {
  readonly fake: FakeHermes;
  readonly listener: Hearing;
  settings(more?: Partial<FeedSettings>, options?: Record<string, string>): FeedSettings;
  provider(options?: Record<string, string>, more?: Partial<FeedSettings>): LiveProvider;
  /** What Hermes knows from then on. @param second after noon */
  price(id: string, second: number, cents?: number): void;
  /** seconds after noon */
  secondsReceived(): number[];
  /** requests for a path */
  asked(path: string): string[];
}

export async function pythScene(): Promise<PythScene> {
  const fake = await startFakeHermes();
  let listener = hearing(NOON);
  after(() => fake.stop());
  beforeEach(() => {
    fake.clear();
    fake.nowMs = NOON;
    listener = hearing(NOON);
  });
  const settings = (more: Partial<FeedSettings> = {}, options: Record<string, string> = {}): FeedSettings => ({
    provider: 'pyth',
    ...ticks,
    window: 1,
    backfill_minutes: 1,
    ...more,
    options: { hermes_url: `${fake.url}/`, benchmarks_url: fake.url, ...options },
  });
  return {
    fake,
    get listener() {
      return listener;
    },
    settings,
    provider: (options = {}, more = {}) => pythProvider(settings(more, options), listener.reports, listener.clock),
    price(id, second, cents = 10_000 + second) {
      fake.prices.set(id, { price: String(cents), expo: -2, publish_time: NOON_SECONDS + second });
    },
    secondsReceived: () => listener.received.map(({ ts_event }) => (ts_event - NOON) / 1000),
    asked: (path) => fake.requests.filter((request) => request.startsWith(path)),
  };
}
