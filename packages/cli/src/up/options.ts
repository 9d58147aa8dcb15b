import { liveProviders, replayingProviders } from '@crunch-node/feeds/names';
import { CrunchError } from '@crunch-node/streams/errors';
import { InvalidArgumentError } from 'commander';

export const demoPacks = ['realtime', 'trading', 'density', 'interval', 'bird', 'quantile', 'tournament'] as const;
export type DemoPack = (typeof demoPacks)[number];

export interface UpOptions {
  readonly demo: boolean;
  /** the competition of the demo; predicting returns unless given */
  readonly pack?: DemoPack;
  readonly feed?: string;
  readonly data?: readonly string[];
  readonly days?: number;
  readonly speed?: string;
  readonly seed?: string;
  readonly start?: string;
  readonly once: boolean;
  readonly port?: number;
  readonly dataDir?: string;
  readonly config?: string;
  readonly logLevel: string;
  /** models, folders of them, or one list, instead of the examples */
  readonly models?: readonly string[];
}

/** A command that makes no sense, reported in one line. */
export class UsageError extends CrunchError {
  override readonly name = 'UsageError';
  override readonly code = 'usage';
}

/** Of live ones, options and environment give the rest. */
export const feeds = [...replayingProviders, ...liveProviders] as const;

export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('expected a number above 0.');
  return number;
}

export function replicas(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('expected a number of processes.');
  return number;
}

export function portNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('expected a port from 0 (any free one) to 65535.');
  }
  return number;
}

export function speed(text: string): string {
  const factor = Number(text.replace(/x$/, ''));
  if (text !== 'max' && !(Number.isFinite(factor) && factor > 0)) {
    throw new InvalidArgumentError('expected max, or a factor of real time such as 60.');
  }
  return text;
}

/** Rounds of a tournament are started by command, so options of a feed are refused. */
function withoutFeed(given: UpOptions): UpOptions {
  for (const name of ['feed', 'data', 'days', 'speed', 'seed', 'start'] as const) {
    if (given[name] !== undefined)
      throw new UsageError(`--${name} is for packs with a feed, received --pack tournament`);
  }
  return given;
}

/**
 * Options that belong together. Data without a feed is a replay.
 * @param readsFeed whether a service that reads the feed is started: no other needs the data itself
 * @throws {UsageError}
 */
export function checkedOptions(given: UpOptions, { readsFeed = true } = {}): UpOptions {
  if (given.pack !== undefined && !given.demo) throw new UsageError('--pack is for --demo');
  if (given.pack === 'tournament') return withoutFeed(given);
  const data = given.data ?? [];
  const feed = given.feed ?? (data.length > 0 ? 'replay' : undefined);
  const replaying = feed === 'replay';
  if (replaying && data.length === 0 && readsFeed) throw new UsageError('--feed replay needs --data <file or folder>');
  if (data.length > 0 && !replaying && feed !== 'files') {
    throw new UsageError(`--data is for --feed replay and files, received --feed ${feed}`);
  }
  for (const name of ['seed', 'start'] as const) {
    if (given[name] === undefined || feed === undefined || feed === 'synthetic') continue;
    throw new UsageError(`--${name} is for --feed synthetic, received --feed ${feed}`);
  }
  if (liveProviders.some((live) => live === feed)) {
    for (const name of ['days', 'speed'] as const) {
      if (given[name] !== undefined)
        throw new UsageError(`--${name} is for feeds that replay, received --feed ${feed}`);
    }
    if (given.once) throw new UsageError(`--once needs a feed that ends, received --feed ${feed}`);
  }
  return feed === undefined ? given : { ...given, feed };
}

/** Six hours: a competition to look at within a minute. */
const DEMO_DAYS = 0.25;

/** The options with the length of the demo, unless it is given or the feed has none. @param env the environment */
export function withDemoLength(options: UpOptions, env: Readonly<Record<string, string | undefined>>): UpOptions {
  const { demo, days, feed = 'synthetic', pack } = options;
  const isGiven = ['FEED_PROVIDER', 'FEED_SOURCE', 'FEED_OPT_days', 'FEED_OPT_count'].some((name) => env[name]);
  if (!demo || days !== undefined || feed !== 'synthetic' || pack === 'tournament' || isGiven) return options;
  return { ...options, days: DEMO_DAYS };
}
